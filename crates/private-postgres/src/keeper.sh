# Runs a cluster in the folder $1 with the programs in $2, by orders on the standard input, and ends it
# when the input ends: that is when whoever gives the orders has ended, in whatever way.

folder=$1
programs=$2
postmaster=

trap '' HUP INT TERM

# Postgres puts each of its processes into a session of its own: they are found by their parent.
wake() {
    kill -s CONT "$postmaster"
    for stat in /proc/[0-9]*/stat; do
        if read -r pid _ _ parent _ <"$stat" && [ "$parent" = "$postmaster" ]; then
            kill -s CONT "$pid"
        fi
    done
} 2>/dev/null

# Asked again and again: a process that has just been started does not listen to signals yet.
end() {
    rounds=0
    while [ -n "$postmaster" ] && kill -s 0 "$postmaster" 2>/dev/null && [ $rounds -lt 100 ]; do
        kill -s QUIT "$postmaster" 2>/dev/null
        wake
        sleep 0.1
        rounds=$((rounds + 1))
    done
    [ -n "$postmaster" ] && kill -s KILL "$postmaster" 2>/dev/null
    rm -rf -- "$folder"
}

while read -r order; do
    case $order in
    init)
        "$programs/initdb" --pgdata="$folder/data" --username=iago --pwfile="$folder/password" \
            --auth=scram-sha-256 --data-checksums --encoding=UTF8 --locale=C --no-sync \
            --no-instructions >>"$folder/log" 2>&1 </dev/null
        echo $?
        ;;
    start)
        "$programs/postgres" -D "$folder/data" >>"$folder/log" 2>&1 </dev/null &
        postmaster=$!
        echo "$postmaster"
        ;;
    reap)
        wait "$postmaster"
        echo $?
        postmaster=
        ;;
    esac
done
end
