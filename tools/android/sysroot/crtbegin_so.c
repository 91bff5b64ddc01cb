// What the NDK's crtbegin_so.o does: a handle of this library, by which its
// destructors run at dlclose, and the note that says for which API level it was
// linked.
__attribute__((visibility("hidden"))) void* __dso_handle = &__dso_handle;

void __cxa_finalize(void*);

__attribute__((destructor)) static void RunDestructors(void) {
  __cxa_finalize(&__dso_handle);
}

__asm__(
    ".section .note.android.ident, \"a\", %note\n"
    ".balign 4\n"
    ".long 2f - 1f, 4f - 3f, 1\n"
    "1: .asciz \"Android\"\n"
    "2: .balign 4\n"
    "3: .long 21\n"
    "4: .balign 4\n"
    ".previous\n");
