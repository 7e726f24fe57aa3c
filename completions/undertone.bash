# Made by scripts/make-docs.sh from the program's own help; do not edit.
_undertone()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --workspace|--key-file|--as|--purpose) ((i++)) ;;
        -*) ;;
        *) command=${COMP_WORDS[i]}; break ;;
        esac
    done
    case $before in
    --as) COMPREPLY=($(compgen -W "analyst owner" -- "$word")); return ;;
    --grain) COMPREPLY=($(compgen -W "day week month" -- "$word")); return ;;
    --format) COMPREPLY=($(compgen -W "table json csv" -- "$word")); return ;;
    esac
    case $word in
    -*) ;;
    *)
        if [ -z "$command" ]; then
            COMPREPLY=($(compgen -W "init ingest analyze run report sql export score evaluate people rejects simulate lake key backup restore policy retention audit erase doctor demo help" -- "$word"))
        else
            COMPREPLY=($(compgen -f -- "$word"))
        fi
        return
        ;;
    esac
    local options="--as --help --json --key-file --purpose --version --workspace "
    case $command in
    init) options+=" --allow-direct --keep-raw --no-direct " ;;
    ingest) options+=" --people --threads " ;;
    analyze) options+=" --rules --threads " ;;
    run) options+=" --people --rules --threads " ;;
    report) options+=" --as --format --from --grain --person --purpose --team --to " ;;
    sql) options+=" --as --format --purpose " ;;
    export) options+=" --as --format --purpose --raw --to " ;;
    score) options+=" --fields --lang --model --rules --threads " ;;
    evaluate) options+=" --data --data-root --format --maps --model --rules " ;;
    people) options+=" --as --bots --externals --purpose " ;;
    rejects) options+=" --redrive " ;;
    simulate) options+=" --episodes --from --json --megabytes --only --out --people --seed --teams --weeks --zip " ;;
    lake) options+=" --rules " ;;
    key) options+=" --new-key-file " ;;
    backup) options+=" " ;;
    restore) options+=" --key-file --workspace " ;;
    policy) options+=" " ;;
    retention) options+=" --dry-run --threads " ;;
    audit) options+=" --as --format --person --purpose " ;;
    erase) options+=" --dry-run --resume --yes " ;;
    doctor) options+=" " ;;
    demo) options+=" --dir --seed " ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$word"))
}
complete -o filenames -F _undertone undertone
