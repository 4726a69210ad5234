#!/bin/sh
# hiprep without containers, as a service of systemd. docs/raspberry-pi.md goes through it.
#
#   sudo deploy/systemd/install.sh                install it, or bring it up to date
#   sudo deploy/systemd/install.sh --uninstall    take it away; settings and data stay
#
# PYTHON names another Python, 3.11 or newer. With DESTDIR everything goes below that folder, and the
# system itself is left alone: no user, no systemctl, no need to be root.
set -eu
umask 022

here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
root=${DESTDIR:-}
python=${PYTHON:-python3}
opt=$root/opt/hiprep
units=$root/etc/systemd/system
command=$root/usr/local/bin/hiprep

say() { echo "hiprep: $*"; }
fail() { say "$*" >&2; exit 2; }

check_place() {
    [ -n "$root" ] && return
    [ "$(id -u)" = 0 ] || fail "this needs root: sudo $0"
    command -v systemctl >/dev/null || fail "there is no systemd here"
}

check_python() {
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "it needs Python 3.11 or newer: PYTHON=/path/to/python3.11 $0"
    "$python" -c 'import ensurepip' 2>/dev/null ||
        fail "Python has no venv: apt-get install python3-venv"
}

make_user() {
    [ -z "$root" ] || return 0
    if ! id hiprep >/dev/null 2>&1; then
        useradd --system --user-group --home-dir /var/lib/hiprep --no-create-home \
            --shell /usr/sbin/nologin hiprep
        say "user hiprep: made"
    fi
    # On some systems only this group may talk to BlueZ.
    if getent group bluetooth >/dev/null; then
        usermod --append --groups bluetooth hiprep
    fi
}

# make_folder FOLDER: for the user hiprep alone
make_folder() {
    [ -d "$root$1" ] || say "$1: made"
    mkdir -p "$root$1"
    chmod 0750 "$root$1"
    [ -n "$root" ] || chown hiprep:hiprep "$1"
}

# A whole new one beside the old one; a failure in between leaves the old one as it is.
install_program() {
    new=$opt/venv-$(date -u +%Y%m%dT%H%M%SZ)-$$
    say "installing into $new, which takes some minutes"
    mkdir -p "$opt"
    trap 'rm -rf "$new"' EXIT
    "$python" -m venv "$new"
    "$new/bin/python" -m pip install -qq --require-hashes -r "$project/deploy/requirements.txt"
    "$new/bin/python" -m pip install -qq --no-deps --no-build-isolation "$project"
    version=$("$new/bin/hiprep" --version)
    trap - EXIT
}

install_files() {
    mkdir -p "$opt/libexec" "$units" "$(dirname "$command")"
    install -m 0755 "$here/hiprep-backup" "$opt/libexec/hiprep-backup"
    install -m 0755 "$here/hiprep-command" "$command"
    for unit in hiprep.service hiprep-backup.service hiprep-backup.timer; do
        install -m 0644 "$here/$unit" "$units/$unit"
    done
    # For a Grafana here, which watches this folder.
    rm -rf "$opt/dashboards"
    cp -R "$project/dashboards/grafana/json" "$opt/dashboards"
}

switch_over() {
    ln -sfn "$new/bin" "$opt/bin"
    if [ -z "$root" ]; then
        systemctl daemon-reload
        systemctl enable --quiet hiprep.service
        systemctl enable --quiet --now hiprep-backup.timer
        systemctl try-restart hiprep.service
    fi
    for old in "$opt"/venv-*; do
        [ "$old" = "$new" ] || rm -rf "$old"
    done
    say "$version is installed"
}

install_all() {
    check_place
    check_python
    make_user
    make_folder /etc/hiprep
    make_folder /var/lib/hiprep
    install_program
    install_files
    switch_over
    if [ -e "$root/etc/hiprep/settings.toml" ]; then
        say "next: systemctl start hiprep"
    else
        say "next: hiprep init; then systemctl start hiprep"
    fi
}

uninstall() {
    check_place
    if [ -z "$root" ]; then
        systemctl disable --quiet --now hiprep-backup.timer hiprep.service 2>/dev/null || true
    fi
    rm -f "$command" "$units/hiprep.service" "$units/hiprep-backup.service" \
        "$units/hiprep-backup.timer"
    rm -rf "$opt"
    [ -n "$root" ] || systemctl daemon-reload
    say "taken away. Left are the user hiprep, /etc/hiprep, /var/lib/hiprep and"
    say "/var/lib/hiprep-backups: settings, passwords, recordings, what was lifted"
}

case "${1:-}" in
    '') install_all ;;
    --uninstall) uninstall ;;
    *) fail "$1: install.sh takes nothing, or --uninstall" ;;
esac
