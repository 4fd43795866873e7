# Links to all files of several packages.
set -e
umask 022
# shellcheck disable=SC2086 # a list of store paths
perl "$join" "$out" $from
exit 0
