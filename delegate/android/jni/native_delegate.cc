/// The native methods of org.wqlite.NativeDelegate.

#include <jni.h>
#include <wqlite/delegate.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <vector>

extern "C" {
TfLiteDelegate* tflite_plugin_create_delegate(
    const char* const* keys, const char* const* values, size_t count,
    void (*report_error)(const char*));
void tflite_plugin_destroy_delegate(TfLiteDelegate* delegate);
}

namespace {

// A Java exception is pending: back to Java at once.
struct JavaException {};

void Throw(JNIEnv* env, const char* name, const char* message) {
  const jclass exception = env->FindClass(name);
  if (exception != nullptr) env->ThrowNew(exception, message);
}

// Of a native method: an exception of C++ becomes one of Java.
template <typename Result, typename Body>
Result Guarded(JNIEnv* env, const Body& body) {
  try {
    return body();
  } catch (const JavaException&) {
  } catch (const std::bad_alloc&) {
    Throw(env, "java/lang/OutOfMemoryError", "wqlite: no native memory");
  }
  return Result();
}

// In Java's UTF-8, which has no zeros.
std::string CopyString(JNIEnv* env, jobjectArray array, jsize index) {
  const auto string =
      static_cast<jstring>(env->GetObjectArrayElement(array, index));
  if (env->ExceptionCheck()) throw JavaException();
  if (string == nullptr) {
    Throw(env, "java/lang/NullPointerException", "wqlite: an option is null");
    throw JavaException();
  }
  const char* text = env->GetStringUTFChars(string, nullptr);
  if (text == nullptr) throw JavaException();
  std::string copy(text);
  env->ReleaseStringUTFChars(string, text);
  env->DeleteLocalRef(string);
  return copy;
}

std::vector<std::string> CopyStrings(JNIEnv* env, jobjectArray array) {
  std::vector<std::string> strings;
  const jsize count = env->GetArrayLength(array);
  for (jsize i = 0; i < count; ++i) {
    strings.push_back(CopyString(env, array, i));
  }
  return strings;
}

std::vector<const char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<const char*> pointers;
  for (const std::string& string : strings) pointers.push_back(string.c_str());
  return pointers;
}

// report_error has no argument that says who waits for it.
std::mutex creating_mutex;
JNIEnv* creating_env = nullptr;

void Refuse(const char* sentence) {
  Throw(creating_env, "java/lang/IllegalArgumentException", sentence);
}

jlong Create(JNIEnv* env, jclass, jobjectArray names, jobjectArray values) {
  return Guarded<jlong>(env, [=] {
    const std::vector<std::string> keys = CopyStrings(env, names);
    const std::vector<std::string> texts = CopyStrings(env, values);
    if (keys.size() != texts.size()) {
      Throw(env, "java/lang/IllegalArgumentException",
            "wqlite: an option has no name or no value");
      throw JavaException();
    }
    const std::lock_guard<std::mutex> lock(creating_mutex);
    creating_env = env;
    return reinterpret_cast<intptr_t>(tflite_plugin_create_delegate(
        Pointers(keys).data(), Pointers(texts).data(), keys.size(), Refuse));
  });
}

TfLiteDelegate* At(jlong address) {
  return reinterpret_cast<TfLiteDelegate*>(static_cast<intptr_t>(address));
}

// As bytes: a model's names may be no UTF-8, and Java's own is another.
jbyteArray Plan(JNIEnv* env, jclass, jlong address) {
  return Guarded<jbyteArray>(env, [=] {
    std::string text;
    // An interpreter may make a longer plan while this one is read.
    for (size_t size = 0; size >= text.size();) {
      text.resize(size + 1);
      size = WqDelegatePlan(At(address), text.data(), text.size());
    }
    const jsize size = static_cast<jsize>(std::strlen(text.c_str()));
    const jbyteArray bytes = env->NewByteArray(size);
    if (bytes == nullptr) throw JavaException();
    env->SetByteArrayRegion(bytes, 0, size,
                            reinterpret_cast<const jbyte*>(text.data()));
    return bytes;
  });
}

void Destroy(JNIEnv*, jclass, jlong address) {
  tflite_plugin_destroy_delegate(At(address));
}

// OpenJDK's header wants char*, Android's const char*.
JNINativeMethod Method(const char* name, const char* signature,
                       void* function) {
  return {const_cast<char*>(name), const_cast<char*>(signature), function};
}

}  // namespace

/// What System.loadLibrary calls.
JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  constexpr jint kVersion = JNI_VERSION_1_6;
  JNIEnv* env = nullptr;
  if (vm->GetEnv(reinterpret_cast<void**>(&env), kVersion) != JNI_OK) {
    return JNI_ERR;
  }
  const jclass native_delegate = env->FindClass("org/wqlite/NativeDelegate");
  if (native_delegate == nullptr) return JNI_ERR;
  const JNINativeMethod methods[] = {
      Method("create", "([Ljava/lang/String;[Ljava/lang/String;)J",
             reinterpret_cast<void*>(Create)),
      Method("plan", "(J)[B", reinterpret_cast<void*>(Plan)),
      Method("destroy", "(J)V", reinterpret_cast<void*>(Destroy)),
  };
  const jint count = sizeof methods / sizeof methods[0];
  const bool registered =
      env->RegisterNatives(native_delegate, methods, count) == JNI_OK;
  return registered ? kVersion : JNI_ERR;
}
