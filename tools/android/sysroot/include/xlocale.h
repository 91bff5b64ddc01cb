// What libc++ includes on Android for locales; glibc has it in <locale.h>.
#include <locale.h>  // IWYU pragma: export
