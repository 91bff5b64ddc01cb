// libc++ includes it on Android; the compiler defines __ANDROID_API__.
