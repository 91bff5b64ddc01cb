// Runs a folder of models by TFLite's C API, in Android's library:
//
//     run_models FOLDER TIMES RUN...
//
// RUN is NAME or NAME;DELEGATE[;KEY=VALUE]...: TFLite's own kernels, or the
// external delegate in the library DELEGATE with these options; the word
// xnnpack for DELEGATE is XNNPACK as it is in Android's library, which Java
// applications get. Each model FOLDER/0.tflite, FOLDER/1.tflite, ... with its
// input (all bytes of the first one) in FOLDER/0.in, ... is prepared once and
// invoked TIMES times. All of its outputs, one after the other, go to
// FOLDER/NAME/0.out, ..., and what was written to standard error to
// FOLDER/NAME/0.log. Prints TFLite's version.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// TFLite's C API as far as it is used here. (Its own header, c_api.h of the
// archive, includes one that the archive lacks.)
typedef struct TfLiteDelegate TfLiteDelegate;
typedef struct TfLiteInterpreter TfLiteInterpreter;
typedef struct TfLiteInterpreterOptions TfLiteInterpreterOptions;
typedef struct TfLiteModel TfLiteModel;
typedef struct TfLiteTensor TfLiteTensor;
typedef enum { kTfLiteOk = 0 } TfLiteStatus;
const char* TfLiteVersion(void);
TfLiteModel* TfLiteModelCreateFromFile(const char* path);
void TfLiteModelDelete(TfLiteModel*);
TfLiteInterpreterOptions* TfLiteInterpreterOptionsCreate(void);
void TfLiteInterpreterOptionsDelete(TfLiteInterpreterOptions*);
void TfLiteInterpreterOptionsSetNumThreads(TfLiteInterpreterOptions*, int32_t);
void TfLiteInterpreterOptionsAddDelegate(TfLiteInterpreterOptions*,
                                         TfLiteDelegate*);
TfLiteInterpreter* TfLiteInterpreterCreate(const TfLiteModel*,
                                           const TfLiteInterpreterOptions*);
void TfLiteInterpreterDelete(TfLiteInterpreter*);
TfLiteStatus TfLiteInterpreterAllocateTensors(TfLiteInterpreter*);
TfLiteStatus TfLiteInterpreterInvoke(TfLiteInterpreter*);
TfLiteTensor* TfLiteInterpreterGetInputTensor(const TfLiteInterpreter*,
                                              int32_t);
int32_t TfLiteInterpreterGetOutputTensorCount(const TfLiteInterpreter*);
const TfLiteTensor* TfLiteInterpreterGetOutputTensor(const TfLiteInterpreter*,
                                                     int32_t);
size_t TfLiteTensorByteSize(const TfLiteTensor*);
void* TfLiteTensorData(const TfLiteTensor*);

// As it is in tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h up to flags;
// behind them is room for what the library has more.
typedef struct {
  int32_t num_threads;
  uint32_t flags;
  char others[120];
} TfLiteXNNPackDelegateOptions;
enum { kXnnpackSignedInt8 = 1, kXnnpackUnsignedInt8 = 2 };
TfLiteXNNPackDelegateOptions TfLiteXNNPackDelegateOptionsDefault(void);
TfLiteDelegate* TfLiteXNNPackDelegateCreate(
    const TfLiteXNNPackDelegateOptions*);
void TfLiteXNNPackDelegateDelete(TfLiteDelegate*);

#ifdef __aarch64__
// Android's code finds the word that its stack protector compares at
// tpidr_el0 + 40. With glibc a program's own thread-local variables are there:
// these, which nobody changes.
__attribute__((used)) static _Thread_local _Alignas(16) char around_guard[64];
#endif

enum { kMaxOptions = 16, kMaxPath = 4096 };

// One way to run the models. Its strings lie in the program's arguments.
typedef struct {
  const char* name;
  TfLiteDelegate* (*create)(char** keys, char** values, size_t count,
                            void (*report_error)(const char*));
  void (*destroy)(TfLiteDelegate*);
  char* keys[kMaxOptions];
  char* values[kMaxOptions];
  size_t count;
} Run;

static void Fail(const char* what, const char* why) {
  printf("error: %s: %s\n", what, why);
  exit(1);
}

static void ReportError(const char* message) {
  fprintf(stderr, "%s\n", message);
}

static TfLiteDelegate* CreateXnnpack(char** keys, char** values, size_t count,
                                     void (*report_error)(const char*)) {
  (void)keys;
  (void)values;
  (void)report_error;
  if (count != 0) return NULL;  // It has no options here.
  TfLiteXNNPackDelegateOptions options = TfLiteXNNPackDelegateOptionsDefault();
  options.num_threads = 1;
  options.flags |= kXnnpackSignedInt8 | kXnnpackUnsignedInt8;
  return TfLiteXNNPackDelegateCreate(&options);
}

// The delegate in a library, or Android's own XNNPACK.
static void FindDelegate(const char* library, Run* run) {
  if (strcmp(library, "xnnpack") == 0) {
    run->create = CreateXnnpack;
    run->destroy = TfLiteXNNPackDelegateDelete;
    return;
  }
  void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) Fail(library, dlerror());
  *(void**)&run->create = dlsym(handle, "tflite_plugin_create_delegate");
  *(void**)&run->destroy = dlsym(handle, "tflite_plugin_destroy_delegate");
  if (run->create == NULL || run->destroy == NULL) Fail(library, "no delegate");
}

static Run ParseRun(char* text) {
  Run run = {.name = strtok(text, ";")};
  char* library = strtok(NULL, ";");
  if (library == NULL) return run;
  FindDelegate(library, &run);
  for (char* key = strtok(NULL, ";"); key != NULL; key = strtok(NULL, ";")) {
    char* equals = strchr(key, '=');
    if (equals == NULL || run.count == kMaxOptions) Fail(key, "not KEY=VALUE");
    *equals = '\0';
    run.keys[run.count] = key;
    run.values[run.count++] = equals + 1;
  }
  return run;
}

static void ReadInput(const char* path, TfLiteTensor* tensor) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) Fail(path, "no such input");
  const size_t size = TfLiteTensorByteSize(tensor);
  if (fread(TfLiteTensorData(tensor), 1, size, file) != size ||
      fgetc(file) != EOF) {
    Fail(path, "not as long as the model's input");
  }
  fclose(file);
}

static void WriteOutputs(const char* path, const TfLiteInterpreter* made) {
  FILE* file = fopen(path, "wb");
  if (file == NULL) Fail(path, "cannot be written");
  for (int i = 0; i < TfLiteInterpreterGetOutputTensorCount(made); ++i) {
    const TfLiteTensor* tensor = TfLiteInterpreterGetOutputTensor(made, i);
    fwrite(TfLiteTensorData(tensor), 1, TfLiteTensorByteSize(tensor), file);
  }
  if (fclose(file) != 0) Fail(path, "cannot be written");
}

// False where there is no model with this number.
static bool RunModel(const char* folder, int times, Run* run, int number) {
  char path[kMaxPath];
  snprintf(path, sizeof path, "%s/%d.tflite", folder, number);
  if (access(path, R_OK) != 0) return false;
  TfLiteModel* model = TfLiteModelCreateFromFile(path);
  if (model == NULL) Fail(path, "TFLite does not read it");

  TfLiteInterpreterOptions* options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetNumThreads(options, 1);
  TfLiteDelegate* delegate = NULL;
  if (run->create != NULL) {
    delegate = run->create(run->keys, run->values, run->count, ReportError);
    if (delegate == NULL) Fail(path, "the delegate refuses its options");
    TfLiteInterpreterOptionsAddDelegate(options, delegate);
  }
  TfLiteInterpreter* made = TfLiteInterpreterCreate(model, options);
  if (made == NULL || TfLiteInterpreterAllocateTensors(made) != kTfLiteOk) {
    Fail(path, "TFLite cannot prepare it");
  }

  snprintf(path, sizeof path, "%s/%d.in", folder, number);
  ReadInput(path, TfLiteInterpreterGetInputTensor(made, 0));
  for (int i = 0; i < times; ++i) {
    if (TfLiteInterpreterInvoke(made) != kTfLiteOk) Fail(path, "Invoke failed");
  }
  snprintf(path, sizeof path, "%s/%s/%d.out", folder, run->name, number);
  WriteOutputs(path, made);

  TfLiteInterpreterDelete(made);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
  if (delegate != NULL) run->destroy(delegate);
  return true;
}

// Everything that is written there from now on, whoever writes it.
static void StandardErrorTo(const char* path) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) Fail(path, "cannot be written");
  dup2(file, STDERR_FILENO);
  close(file);
}

static void RunModels(const char* folder, int times, Run* run) {
  char log[kMaxPath];
  int number = 0;
  do {
    snprintf(log, sizeof log, "%s/%s/%d.log", folder, run->name, number);
    StandardErrorTo(log);
  } while (RunModel(folder, times, run, number++));
  unlink(log);  // of the model that is not there
}

int main(int argc, char** argv) {
  if (argc < 4) Fail("usage", "run_models FOLDER TIMES RUN...");
  for (int i = 3; i < argc; ++i) {
    Run run = ParseRun(argv[i]);
    RunModels(argv[1], atoi(argv[2]), &run);
  }
  printf("%s\n", TfLiteVersion());
  return 0;
}
