# Made by scripts/make-docs.sh from the program's own help; do not edit.
complete -c undertone -n __fish_use_subcommand -f -a init -d 'make a workspace and its key'
complete -c undertone -n '__fish_seen_subcommand_from init' -l allow-direct
complete -c undertone -n '__fish_seen_subcommand_from init' -l keep-raw
complete -c undertone -n '__fish_seen_subcommand_from init' -l no-direct
complete -c undertone -n __fish_use_subcommand -f -a ingest -d 'read mail and chat into the workspace'
complete -c undertone -n '__fish_seen_subcommand_from ingest' -l people
complete -c undertone -n '__fish_seen_subcommand_from ingest' -l threads
complete -c undertone -n __fish_use_subcommand -f -a analyze -d 'clean and score what came in'
complete -c undertone -n '__fish_seen_subcommand_from analyze' -l rules
complete -c undertone -n '__fish_seen_subcommand_from analyze' -l threads
complete -c undertone -n __fish_use_subcommand -f -a run -d 'the daily job: ingest and analyze'
complete -c undertone -n '__fish_seen_subcommand_from run' -l people
complete -c undertone -n '__fish_seen_subcommand_from run' -l rules
complete -c undertone -n '__fish_seen_subcommand_from run' -l threads
complete -c undertone -n __fish_use_subcommand -f -a report -d 'group figures by team and period'
complete -c undertone -n '__fish_seen_subcommand_from report' -l as
complete -c undertone -n '__fish_seen_subcommand_from report' -l format
complete -c undertone -n '__fish_seen_subcommand_from report' -l from
complete -c undertone -n '__fish_seen_subcommand_from report' -l grain
complete -c undertone -n '__fish_seen_subcommand_from report' -l person
complete -c undertone -n '__fish_seen_subcommand_from report' -l purpose
complete -c undertone -n '__fish_seen_subcommand_from report' -l team
complete -c undertone -n '__fish_seen_subcommand_from report' -l to
complete -c undertone -n __fish_use_subcommand -f -a sql -d 'SQL over what the principal may see'
complete -c undertone -n '__fish_seen_subcommand_from sql' -l as
complete -c undertone -n '__fish_seen_subcommand_from sql' -l format
complete -c undertone -n '__fish_seen_subcommand_from sql' -l purpose
complete -c undertone -n __fish_use_subcommand -f -a export -d 'everything held about a person; tables of what may be seen'
complete -c undertone -n '__fish_seen_subcommand_from export' -l as
complete -c undertone -n '__fish_seen_subcommand_from export' -l format
complete -c undertone -n '__fish_seen_subcommand_from export' -l purpose
complete -c undertone -n '__fish_seen_subcommand_from export' -l raw
complete -c undertone -n '__fish_seen_subcommand_from export' -l to
complete -c undertone -n __fish_use_subcommand -f -a score -d 'score texts from stdin, NDJSON in and out'
complete -c undertone -n '__fish_seen_subcommand_from score' -l fields
complete -c undertone -n '__fish_seen_subcommand_from score' -l lang
complete -c undertone -n '__fish_seen_subcommand_from score' -l model
complete -c undertone -n '__fish_seen_subcommand_from score' -l rules
complete -c undertone -n '__fish_seen_subcommand_from score' -l threads
complete -c undertone -n __fish_use_subcommand -f -a evaluate -d 'measure a model on labelled text'
complete -c undertone -n '__fish_seen_subcommand_from evaluate' -l data
complete -c undertone -n '__fish_seen_subcommand_from evaluate' -l data-root
complete -c undertone -n '__fish_seen_subcommand_from evaluate' -l format
complete -c undertone -n '__fish_seen_subcommand_from evaluate' -l maps
complete -c undertone -n '__fish_seen_subcommand_from evaluate' -l model
complete -c undertone -n '__fish_seen_subcommand_from evaluate' -l rules
complete -c undertone -n __fish_use_subcommand -f -a people -d 'who is who: list, merge, mark, states'
complete -c undertone -n '__fish_seen_subcommand_from people' -l as
complete -c undertone -n '__fish_seen_subcommand_from people' -l bots
complete -c undertone -n '__fish_seen_subcommand_from people' -l externals
complete -c undertone -n '__fish_seen_subcommand_from people' -l purpose
complete -c undertone -n __fish_use_subcommand -f -a rejects -d 'dead letters: list them, try them again'
complete -c undertone -n '__fish_seen_subcommand_from rejects' -l redrive
complete -c undertone -n __fish_use_subcommand -f -a simulate -d 'write a sample organisation as real exports'
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l episodes
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l from
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l json
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l megabytes
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l only
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l out
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l people
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l seed
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l teams
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l weeks
complete -c undertone -n '__fish_seen_subcommand_from simulate' -l zip
complete -c undertone -n __fish_use_subcommand -f -a lake -d 'make the derived tables again from the truth'
complete -c undertone -n '__fish_seen_subcommand_from lake' -l rules
complete -c undertone -n __fish_use_subcommand -f -a key -d 'the workspace key: look at it, give a new one'
complete -c undertone -n '__fish_seen_subcommand_from key' -l new-key-file
complete -c undertone -n __fish_use_subcommand -f -a backup -d 'copy the truth into a folder'
complete -c undertone -n __fish_use_subcommand -f -a restore -d 'make a workspace of a backup'
complete -c undertone -n '__fish_seen_subcommand_from restore' -l key-file
complete -c undertone -n '__fish_seen_subcommand_from restore' -l workspace
complete -c undertone -n __fish_use_subcommand -f -a policy -d 'what comes in, floors, and how long what is kept'
complete -c undertone -n __fish_use_subcommand -f -a retention -d 'drop what is past its time, and prove it'
complete -c undertone -n '__fish_seen_subcommand_from retention' -l dry-run
complete -c undertone -n '__fish_seen_subcommand_from retention' -l threads
complete -c undertone -n __fish_use_subcommand -f -a audit -d 'show or check the log of who saw what'
complete -c undertone -n '__fish_seen_subcommand_from audit' -l as
complete -c undertone -n '__fish_seen_subcommand_from audit' -l format
complete -c undertone -n '__fish_seen_subcommand_from audit' -l person
complete -c undertone -n '__fish_seen_subcommand_from audit' -l purpose
complete -c undertone -n __fish_use_subcommand -f -a erase -d 'take a person out for good'
complete -c undertone -n '__fish_seen_subcommand_from erase' -l dry-run
complete -c undertone -n '__fish_seen_subcommand_from erase' -l resume
complete -c undertone -n '__fish_seen_subcommand_from erase' -l yes
complete -c undertone -n __fish_use_subcommand -f -a doctor -d 'check the workspace\'s health'
complete -c undertone -n __fish_use_subcommand -f -a demo -d 'simulate, ingest, analyze and report in one go'
complete -c undertone -n '__fish_seen_subcommand_from demo' -l dir
complete -c undertone -n '__fish_seen_subcommand_from demo' -l seed
complete -c undertone -l as
complete -c undertone -l help
complete -c undertone -l json
complete -c undertone -l key-file
complete -c undertone -l purpose
complete -c undertone -l version
complete -c undertone -l workspace
