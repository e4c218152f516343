# Run a command with nothing of this machine but what it needs; tools/review/sandbox.py gives the variables.
# It stands in a user, mount, process and network namespace of its own, as nobody's root.
set -eu
GIVEN=$PATH
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
mkdir "$ROOT/new"
ROOT=$ROOT/new
mount -t tmpfs -o size=2g sandbox "$ROOT"
cd "$ROOT"
mkdir -p proc dev tmp old home/synth

# Read only: the system and the packages.
show() {
  [ -e "$1" ] || return 0
  if [ -L "$1" ]; then mkdir -p ".$(dirname "$1")"; cp -P "$1" ".$1"; return 0; fi
  if [ -d "$1" ]; then mkdir -p ".$1"; else mkdir -p ".$(dirname "$1")"; : > ".$1"; fi
  mount --rbind "$1" ".$1"
  mount -o remount,bind,ro,nosuid,nodev ".$1" 2> /dev/null || mount -o remount,bind,ro ".$1"
}
IFS=:
for each in $SHOWN; do show "$each"; done
for each in null zero full random urandom; do : > "dev/$each"; mount --bind "/dev/$each" "dev/$each"; done
ln -s /proc/self/fd dev/fd

unset IFS
# Its own: the files under review, where it may write.
mkdir -p ".$FOLDER"
mount --bind "$OWN" ".$FOLDER"
if [ -n "${PACKAGE_CACHE:-}" ] && [ -d "$PACKAGE_CACHE" ]; then
  mkdir -p home/synth/.cache/aws/jsii/package-cache over/up over/work
  mount -t overlay -o "lowerdir=$PACKAGE_CACHE,upperdir=$ROOT/over/up,workdir=$ROOT/over/work" overlay \
    home/synth/.cache/aws/jsii/package-cache 2> /dev/null || true
fi
mount -t proc proc proc
pivot_root . old
cd /
umount -l /old
rmdir /old
cd "$FOLDER"
PATH=$GIVEN
unset GIVEN ROOT SHOWN OWN PACKAGE_CACHE FOLDER
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
