"""Writes the first primes to primes.txt: slow on purpose, and needed once, before app.py runs."""

from pathlib import Path

COUNT = 5000


def is_prime(number: int) -> bool:
    return all(number % divisor for divisor in range(2, number // 2 + 1))


if __name__ == "__main__":
    primes: list[str] = []
    number = 2
    while len(primes) < COUNT:
        if is_prime(number):
            primes.append(str(number))
        number += 1
    Path("primes.txt").write_text("\n".join(primes) + "\n")
