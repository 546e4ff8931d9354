#!/bin/sh
# Runs for each request: adds one to the number in Redis, and says who did it.
password=$(cut -d ' ' -f 2 /run/secrets/redis.conf)
said=$(printf 'AUTH %s\r\nINCR visits\r\nQUIT\r\n' "$password" | nc redis 6379 | tr -d '\r')
printf 'Content-Type: text/plain\r\n\r\n'
echo "visit $(echo "$said" | sed -n 's/^://p'), says $(hostname)"
