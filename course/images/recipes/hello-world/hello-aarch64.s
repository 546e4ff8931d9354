// write(1, message, length); exit(0) -- Linux on ARM64
        .globl  _start
        .text
_start: mov     x0, #1
        adr     x1, message
        mov     x2, #length
        mov     x8, #64
        svc     #0
        mov     x0, #0
        mov     x8, #93
        svc     #0
message:
        .incbin "message.txt"
        .set    length, . - message
