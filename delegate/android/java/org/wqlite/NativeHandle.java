package org.wqlite;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * The native delegate of a {@link WqDelegate}, which may have to outlive its {@code close()}.
 *
 * <p>A native interpreter keeps the address of the delegate and reads what is there whenever it
 * allocates tensors anew, after {@code resizeInput} for example. The Java interpreter holds the
 * {@link WqDelegate} until it has deleted the native one. So once the garbage collector says that
 * nobody can reach the WqDelegate, and not before, nobody reads the address. Unlike a finalizer, a
 * phantom reference also waits for the interpreter's finalizer.
 */
final class NativeHandle extends PhantomReference<WqDelegate> {
  private static final ReferenceQueue<WqDelegate> unreachable = new ReferenceQueue<>();

  /** All that are not destroyed: a reference that is itself unreachable would never be queued. */
  private static final Set<NativeHandle> live =
      Collections.synchronizedSet(new HashSet<NativeHandle>());

  private final long address;

  private NativeHandle(WqDelegate owner, long address) {
    super(owner, unreachable);
    this.address = address;
  }

  /**
   * Makes the native delegate of {@code owner}.
   *
   * @throws IllegalArgumentException with the library's sentence, where it refuses an option
   */
  static NativeHandle create(WqDelegate owner, String[] names, String[] values) {
    destroyUnreachable();
    NativeHandle handle = new NativeHandle(owner, NativeDelegate.create(names, values));
    live.add(handle);
    return handle;
  }

  long address() {
    return address;
  }

  /**
   * Frees the native delegate; nobody may use its address any more. The second time it does
   * nothing.
   */
  void destroy() {
    if (live.remove(this)) {
      NativeDelegate.destroy(address);
    }
  }

  /** Destroys the delegates that nobody can reach any more. */
  static void destroyUnreachable() {
    Reference<? extends WqDelegate> reference;
    while ((reference = unreachable.poll()) != null) {
      ((NativeHandle) reference).destroy();
    }
  }

  /** How many native delegates there are. */
  static int count() {
    return live.size();
  }
}
