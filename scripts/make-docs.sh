#!/bin/sh
# Writes the man page and the shell completions from what `undertone help` says, so that they can't say anything else.
#
#     scripts/make-docs.sh UNDERTONE            writes docs/undertone.1 and completions/
#     scripts/make-docs.sh UNDERTONE --check    compares, changes nothing; a test calls this
set -eu
program=$1
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/docs" "$work/completions"

"$program" help > "$work/help"
# Lines of the list are "  name   title"; it ends at the first empty line after it.
sed -n '/^usage:/,/^General options/s/^  \([a-z][a-z]*\)  *\([^ ].*\)$/\1|\2/p' "$work/help" > "$work/commands"
[ -s "$work/commands" ] || { echo "make-docs: $program help lists no commands" >&2; exit 1; }
general=$(sed -n '/^General options/,/^$/p' "$work/help" | grep -o -E -e '--[a-z-]+' | sort -u | tr '\n' ' ')
version=$("$program" --version | cut -d' ' -f2)

# The help of one command, without its first line and without the general options.
command_help() {
    "$program" help "$1" | sed -e '1{/^undertone /d}' -e '/^General options/,$d' | sed '/./,$!d'
}

command_options() {
    command_help "$1" | sed '/^examples:/,$d' | grep -o -E -e '--[a-z][a-z-]*' | sort -u | tr '\n' ' '
}

# Text as roff shows it: backslashes, hyphens that stay hyphens, and no line that begins with a control character.
roff() {
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"
}

put_man_page() {
    cat <<END
.\" Made by scripts/make-docs.sh from the program's own help; do not edit.
.TH UNDERTONE 1 "" "undertone $version" "User commands"
.SH NAME
undertone \- team\-level reports from an organisation's mail and chat
.SH SYNOPSIS
.B undertone
.I COMMAND
.RI [ options ]
.SH DESCRIPTION
END
    head -n 1 "$work/help" | sed 's/^undertone [^ ]* — //' | roff
    echo '.SH GENERAL OPTIONS'
    echo '.nf'
    sed -n '/^General options/,/^$/p' "$work/help" | sed -e 1d -e '/^$/d' | roff
    echo '.fi'
    echo '.SH COMMANDS'
    while IFS='|' read -r name title; do
        printf '.SS %s \\(en %s\n.nf\n' "$name" "$(echo "$title" | roff)"
        command_help "$name" | roff
        echo '.fi'
    done < "$work/commands"
    cat <<'END'
.SH ENVIRONMENT
.TP
.B UNDERTONE_WORKSPACE
the workspace, when \-\-workspace does not name one
.TP
.B UNDERTONE_KEY
the workspace key, 64 hexadecimal digits, when \-\-key\-file does not name a file
.TP
.B NO_COLOR
when set, tables have no colours
.SH EXIT STATUS
0 when all went well, 1 when something failed, 2 when the call was wrong.
END
}

put_bash() {
    cat <<END
# Made by scripts/make-docs.sh from the program's own help; do not edit.
_undertone()
{
    local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case \${COMP_WORDS[i]} in
        --workspace|--key-file|--as|--purpose) ((i++)) ;;
        -*) ;;
        *) command=\${COMP_WORDS[i]}; break ;;
        esac
    done
    case \$before in
    --as) COMPREPLY=(\$(compgen -W "analyst owner" -- "\$word")); return ;;
    --grain) COMPREPLY=(\$(compgen -W "day week month" -- "\$word")); return ;;
    --format) COMPREPLY=(\$(compgen -W "table json csv" -- "\$word")); return ;;
    esac
    case \$word in
    -*) ;;
    *)
        if [ -z "\$command" ]; then
            COMPREPLY=(\$(compgen -W "$(cut -d'|' -f1 "$work/commands" | tr '\n' ' ')help" -- "\$word"))
        else
            COMPREPLY=(\$(compgen -f -- "\$word"))
        fi
        return
        ;;
    esac
    local options="$general"
    case \$command in
END
    while IFS='|' read -r name _; do
        printf '    %s) options+=" %s" ;;\n' "$name" "$(command_options "$name")"
    done < "$work/commands"
    cat <<'END'
    esac
    COMPREPLY=($(compgen -W "$options" -- "$word"))
}
complete -o filenames -F _undertone undertone
END
}

put_zsh() {
    cat <<END
#compdef undertone
# Made by scripts/make-docs.sh from the program's own help; do not edit.
local -a commands options
commands=(
END
    sed "s/'/'\\\\''/g; s/:/\\\\:/g; s/^\([a-z]*\)|\(.*\)/    '\1:\2'/" "$work/commands"
    printf ')\noptions=(%s)\n' "$general"
    cat <<'END'
if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
fi
local word
for word in ${words[2,CURRENT-1]}; do
    case $word in
END
    while IFS='|' read -r name _; do
        printf '    %s) options+=(%s); break ;;\n' "$name" "$(command_options "$name")"
    done < "$work/commands"
    cat <<'END'
    esac
done
if [[ $words[CURRENT] == -* ]]; then
    compadd -- $options
else
    _files
fi
END
}

put_fish() {
    echo "# Made by scripts/make-docs.sh from the program's own help; do not edit."
    while IFS='|' read -r name title; do
        printf "complete -c undertone -n __fish_use_subcommand -f -a %s -d '%s'\n" "$name" "$(echo "$title" | sed "s/'/\\\\'/g")"
        for option in $(command_options "$name"); do
            printf "complete -c undertone -n '__fish_seen_subcommand_from %s' -l %s\n" "$name" "${option#--}"
        done
    done < "$work/commands"
    for option in $general; do
        echo "complete -c undertone -l ${option#--}"
    done
}

put_man_page | sed 's/[[:space:]]*$//' > "$work/docs/undertone.1"
put_bash | sed 's/[[:space:]]*$//' > "$work/completions/undertone.bash"
put_zsh > "$work/completions/_undertone"
put_fish > "$work/completions/undertone.fish"

if [ "${2:-}" = --check ]; then
    status=0
    for file in docs/undertone.1 completions/undertone.bash completions/_undertone completions/undertone.fish; do
        if ! cmp -s "$work/$file" "$root/$file"; then
            echo "$file says something else than the program's help: run scripts/make-docs.sh $program"
            diff "$root/$file" "$work/$file" | head -n 10 || true
            status=1
        fi
    done
    exit $status
fi
mkdir -p "$root/docs" "$root/completions"
cp "$work"/docs/* "$root/docs/"
cp "$work"/completions/* "$root/completions/"
