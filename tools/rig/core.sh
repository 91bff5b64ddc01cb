# shellcheck shell=bash
# The emulated cores of the rig: source it and call use_core.
#
# A program finds out what core it runs on in two ways. What the processor can do comes from QEMU, by the model in
# QEMU_CPU. Which core it is comes from /proc/cpuinfo, which QEMU would pass through from this machine, but for a
# file of that name below the folder given by -L.

# use_core CORE MACHINE ROOT FOLDER: for programs of MACHINE (armv7 or aarch64) that find their libraries in ROOT, sets
#   rig_prefix    what QEMU's -L is to be: ROOT, or for a core FOLDER/CORE, which is made if it is not there
# and for a core exports QEMU_CPU, unless it is set: then the model is the caller's choice.
use_core() {
  local core=$1 machine=$2 root=$3 folder=$4
  rig_prefix=$root
  [[ -n $core ]] || return 0
  local model part variant=0x0
  case $machine/$core in
    armv7/cortex-a7 | armv7/cortex-a8 | armv7/cortex-a9 | armv7/cortex-a15) model=$core ;;
    aarch64/cortex-a53 | aarch64/cortex-a57 | aarch64/cortex-a76) model=$core ;;
    # QEMU's models of the others know AArch64 only, or it has none: one that can do what they can. The only one of
    # ARMv8 in AArch32 state can do more than an A53 or A57, dot products among it; but the system does not say so.
    armv7/cortex-a53 | armv7/cortex-a55 | armv7/cortex-a57 | armv7/cortex-a76) model=max ;;
    aarch64/cortex-a55) model=cortex-a76 ;;
    # Vectors of 128 bits, and no matrix unit beside the core.
    aarch64/cortex-x2) model=max,sme=off,sve-max-vq=1 ;;
    *)
      printf 'error: WQ_RIG_CORE is %s; the %s rig has ' "$core" "$machine" >&2
      case $machine in
        armv7) printf 'cortex-a7, a8, a9, a15, a53, a55, a57 and a76\n' >&2 ;;
        *) printf 'cortex-a53, a55, a57, a76 and x2\n' >&2 ;;
      esac
      exit 2
      ;;
  esac
  case $core in
    cortex-a7) part=0xc07 ;;
    cortex-a8) part=0xc08 ;;
    cortex-a9) part=0xc09 ;;
    cortex-a15) part=0xc0f ;;
    cortex-a53) part=0xd03 ;;
    cortex-a55) part=0xd05 variant=0x1 ;; # r1: r0 has no dot products
    cortex-a57) part=0xd07 ;;
    cortex-a76) part=0xd0b ;;
    cortex-x2) part=0xd48 ;;
  esac
  rig_prefix=$folder/$core
  export QEMU_CPU=${QEMU_CPU:-$model}
  [[ $rig_prefix/proc/cpuinfo -nt ${BASH_SOURCE[0]} ]] || make_prefix "$part" "$variant" "$root" "$rig_prefix"
}

# make_prefix PART VARIANT ROOT PREFIX: links to all of ROOT, and the description of four processors.
make_prefix() {
  local root=$3 prefix=$4 partial processors=4
  mkdir -p "$(dirname "$prefix")"
  rm -rf "$prefix"
  partial=$(mktemp -d "$prefix.XXXXXX")
  chmod 755 "$partial"
  ln -s "$root"/* "$partial/"
  mkdir -p "$partial/proc" "$partial/sys/devices/system/cpu"
  describe_processors "$processors" "$1" "$2" >"$partial/proc/cpuinfo"
  tee "$partial/sys/devices/system/cpu/"{possible,present} <<<"0-$((processors - 1))" >/dev/null
  # Of several that make it at once, the first one's stays.
  mv -T "$partial" "$prefix" 2>/dev/null || rm -r "$partial"
}

# describe_processors COUNT PART VARIANT: what Linux writes for a 32-bit program on a processor of ARM's with NEON. Kernels of
# most phones name no dot products there, whether the core has them or not.
describe_processors() {
  local processor architecture=7
  [[ $2 == 0xc* ]] || architecture=8
  for ((processor = 0; processor < $1; ++processor)); do
    printf '%s\t: %s\n' processor "$processor" 'model name' "ARMv$architecture Processor rev 0 (v${architecture}l)" \
      BogoMIPS 38.40 Features 'half thumb fastmult vfp edsp neon vfpv3 tls vfpd32' 'CPU implementer' 0x41
    printf 'CPU architecture: %s\n' "$architecture"
    printf '%s\t: %s\n' 'CPU variant' "$3" 'CPU part' "$2" 'CPU revision' 0
    printf '\n'
  done
  printf 'Hardware\t: emulated by tools/rig/core.sh\n'
}
