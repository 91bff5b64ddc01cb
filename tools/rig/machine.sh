# shellcheck shell=bash
# The emulated machines of the rig: source it and call use_machine.

# use_machine MACHINE: sets, of armv7 or aarch64,
#   rig_qemu      the emulator
#   rig_triple    its name for compilers, and for Debian's folders of libraries
#   rig_debian    its name for Debian's packages
#   rig_wheels    its name for wheels of Python packages
# shellcheck disable=SC2034 # for those who source this
use_machine() {
  case $1 in
    armv7) rig_qemu=qemu-arm rig_triple=arm-linux-gnueabihf rig_debian=armhf rig_wheels=armv7l ;;
    aarch64) rig_qemu=qemu-aarch64 rig_triple=aarch64-linux-gnu rig_debian=arm64 rig_wheels=aarch64 ;;
    *)
      printf 'error: the rig has no machine %s; it has armv7 and aarch64\n' "$1" >&2
      exit 2
      ;;
  esac
}
