# bash completion for fanfare(1)

_fanfare() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]:-}
    local commands='start reverb:start check doctor health status apps channels connections disconnect publish
        log-level trace reload drain upgrade nodes nginx systemd supervisor config-reference'
    local flags='--host --port --path --hostname --shards --debug --config --env-file --help'
    COMPREPLY=()
    case $before in
        --config | --env-file | --control-socket | --laravel | --binary | --certificate | --certificate-key)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            compopt -o filenames 2>/dev/null
            return ;;
        --demo)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            compopt -o filenames 2>/dev/null
            return ;;
        --user)
            mapfile -t COMPREPLY < <(compgen -u -- "$word")
            return ;;
        --host | --port | --path | --hostname | --shards | --listen | --public) return ;;
        --app | --channel | --prefix | --socket-id | --limit) return ;;
    esac
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$word")
        # The colon of reverb:start parts words.
        if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$word"; fi
        return
    fi
    case $command in
        start | reverb*) flags+=' --demo' ;;
        doctor) flags+=' --laravel --public --json' ;;
        nodes) flags+=' --json' ;;
        status | apps | publish | log-level | reload | drain | upgrade) flags+=' --json --control-socket' ;;
        channels) flags+=' --json --control-socket --app --prefix' ;;
        connections) flags+=' --json --control-socket --app --channel --user --socket-id --limit' ;;
        disconnect) flags+=' --json --control-socket --app --channel --user --socket-id --may-return' ;;
        trace) flags+=' --json --control-socket --app --channel --socket-id --payloads' ;;
        nginx) flags+=' --plain --listen --certificate --certificate-key' ;;
        systemd) flags+=' --binary --user --socket' ;;
        supervisor) flags+=' --binary --user' ;;
        config-reference) flags='--man --help' ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word")
}

complete -F _fanfare fanfare
