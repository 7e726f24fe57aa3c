#!/bin/sh
# embed.sh SYMBOL OUT.S FILE… — assembler source of a table `SYMBOL` of {name, bytes, length} for the files, in the order
# given, ended by zeros. Assembled rather than turned into C arrays because compilers take seconds over those.
set -eu
symbol=$1
out=$2
shift 2
{
    echo '.section .rodata'
    n=0
    for file in "$@"; do
        printf '.Lname%d: .asciz "%s"\n.Lbytes%d: .incbin "%s"\n.Lend%d: .byte 0\n' $n "$(basename "$file")" $n "$file" $n
        n=$((n + 1))
    done
    echo '.section .data.rel.ro,"aw"'
    echo '.balign 8'
    printf '.globl %s\n.hidden %s\n%s:\n' "$symbol" "$symbol" "$symbol"
    i=0
    while [ $i -lt $n ]; do
        printf '.8byte .Lname%d, .Lbytes%d, .Lend%d - .Lbytes%d\n' $i $i $i $i
        i=$((i + 1))
    done
    echo '.8byte 0, 0, 0'
    echo '.section .note.GNU-stack,"",%progbits'
} > "$out"
