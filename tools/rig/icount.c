// A plug-in for qemu-arm and qemu-aarch64 that counts the instructions a
// program executes:
//
//   qemu-arm -plugin build/armv7/libicount.so,out=COUNTS.json PROGRAM ...
//
// QEMU translates a program block by block (straight-line code with one entry).
// Each block gets one counter, which QEMU increments inline whenever the block
// runs: that costs a few host instructions a block. What the block consists of
// is looked at once, when it is translated. At exit the plug-in writes
//
//   {"files": [PATH, ...],
//    "columns": ["file", "offset", "bytes", "executions", CLASS, ...],
//    "blocks": [[...], ...],
//    "parts": [[[BLOCK, EXECUTIONS], ...], ...]}
//
// with one row for each block that ran: the index of the file its code was
// mapped from (-1: from none), the offset of its first byte in that file, its
// length (near the end of a page up to 2 bytes too much: QEMU looks at what
// comes next), how often it ran, and how many of its instructions belong to
// each class. tools/rig/count.py adds them up and finds the functions.
//
// Each further argument mark=OFFSET:PATH names a place where a block begins (a
// function's first byte). Each visit there begins a part of the run, which ends
// at the next visit or with the program: the rows of "blocks" that ran in it,
// and how often. What ran before the first visit is in no part.
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rig/qemu_plugin.h"

int qemu_plugin_version = 1;

enum Class { kNeonMultiply, kNeonOther, kLoad, kStore, kScalar, kClasses };
static const char* const kClassNames[kClasses] = {"neon_multiply", "neon_other",
                                                  "load", "store", "scalar"};

// The executable part of a file that is mapped into QEMU's memory, and so into
// the guest's.
struct Mapping {
  uintptr_t begin, end;
  uint64_t offset;
  int file;
};

struct Block {
  uint64_t executions;         // QEMU increments this while the program runs.
  uint64_t executions_before;  // Those up to the last visit of a mark.
  uint64_t offset;
  int file;
  uint32_t bytes;
  uint32_t counts[kClasses];
  int row;  // Its place in the output.
  struct Block* next;
};

// A place in a file, from the command line.
struct Mark {
  const char* path;
  uint64_t offset;
};

// A block that ran in a part.
struct Run {
  struct Block* block;
  uint64_t executions;
};

// What ran from one visit of a mark to the next.
struct Part {
  struct Run* runs;
  size_t run_count;
};

static char* output_path;
static bool is_aarch64;
static struct Block* blocks;
static struct Mapping* mappings;
static size_t mapping_count;
static char** files;
static int file_count;
static struct Mark* marks;
static size_t mark_count;
static struct Part* parts;
static size_t part_count;

// For the only reasons there are to give up: no memory, and a bad argument.
static void Die(const char* what, const char* detail) {
  fprintf(stderr, "icount: %s%s\n", what, detail);
  exit(1);
}

static void* Grow(void* array, size_t count, size_t size) {
  void* grown = realloc(array, count * size);
  if (!grown) Die("out of memory", "");
  return grown;
}

static int FileIndex(const char* path) {
  for (int i = 0; i < file_count; ++i) {
    if (strcmp(files[i], path) == 0) return i;
  }
  files = Grow(files, file_count + 1, sizeof(*files));
  files[file_count] = strdup(path);
  if (!files[file_count]) Die("out of memory", "");
  return file_count++;
}

// The guest's code is mapped from its files into QEMU's own memory, so QEMU's
// list of mappings names them. (QEMU knows the symbols of the main program
// only, not those of libraries loaded later.)
static void ReadMappings(void) {
  FILE* maps = fopen("/proc/self/maps", "r");
  if (!maps) Die("cannot read /proc/self/maps", "");
  mapping_count = 0;
  char* line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, maps) > 0) {
    uintptr_t begin, end;
    uint64_t offset;
    int path = 0;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*s %" SCNx64 " %*s %*s %n",
               &begin, &end, &offset, &path) != 3 ||
        line[path] != '/') {
      continue;
    }
    line[strcspn(line, "\n")] = '\0';
    mappings = Grow(mappings, mapping_count + 1, sizeof(*mappings));
    mappings[mapping_count++] =
        (struct Mapping){begin, end, offset, FileIndex(line + path)};
  }
  free(line);
  fclose(maps);
}

static const struct Mapping* FindMapping(uintptr_t address) {
  for (size_t i = 0; i < mapping_count; ++i) {
    if (address >= mappings[i].begin && address < mappings[i].end)
      return &mappings[i];
  }
  return NULL;
}

static bool StartsWith(const char* text, const char* prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool StartsWithAny(const char* text, const char* const* prefixes) {
  for (; *prefixes; ++prefixes) {
    if (StartsWith(text, *prefixes)) return true;
  }
  return false;
}

// Scalar floating point shares the mnemonics of NEON: its registers are s0 to
// s31, or its type is f64.
static bool IsScalarFloat(const char* text) {
  const size_t mnemonic = strcspn(text, " \t");
  const char* operands = text + mnemonic + strspn(text + mnemonic, " \t");
  for (size_t i = 0; i + 4 <= mnemonic; ++i) {
    if (StartsWith(text + i, ".f64")) return true;
  }
  return operands[0] == 's' && operands[1] >= '0' && operands[1] <= '9';
}

// QEMU's disassembler knows no dot products, nor products of matrices: vsdot,
// vudot; sdot, udot, smmla, ummla. (ARM's encodings. Those of AArch32 are the
// same in Thumb, where the first half of an instruction is the upper one.)
static bool IsDotProduct(const struct qemu_plugin_insn* instruction) {
  uint16_t halves[2];
  if (qemu_plugin_insn_size(instruction) != sizeof(halves)) return false;
  memcpy(halves, qemu_plugin_insn_data(instruction), sizeof(halves));
  const uint32_t code = (uint32_t)halves[1] << 16 | halves[0];
  if (is_aarch64) {
    return (code & 0x9fe0fc00) == 0x0e809400 ||  // of vectors
           (code & 0x9fc0f400) == 0x0f80e000 ||  // by a lane
           (code & 0xdfe0fc00) == 0x4e80a400;    // of matrices
  }
  const uint32_t thumb = (uint32_t)halves[0] << 16 | halves[1];
  return (code & 0xfdb00f00) == 0xfc200d00 ||
         (thumb & 0xfdb00f00) == 0xfc200d00;
}

// Whether one of the operands is a vector: v0.4s.
static bool HasVector(const char* text) {
  for (const char* at = strchr(text, 'v'); at; at = strchr(at + 1, 'v')) {
    const bool begins = at == text || strchr(" \t{,", at[-1]);
    if (begins && at[1] >= '0' && at[1] <= '9') return true;
  }
  return false;
}

static enum Class ClassifyAarch64(const char* text) {
  static const char* const loads[] = {"ld", NULL};
  static const char* const stores[] = {"st", NULL};
  static const char* const multiplies[] = {
      "mul",  "mla",  "mls",   "smul",  "umul",    "smla", "umla",
      "smls", "umls", "sqdmu", "sqdml", "sqrdmul", "pmul", "fmul",
      "fmla", "fmls", "sdot",  "udot",  NULL};
  if (StartsWithAny(text, loads)) return kLoad;
  if (StartsWithAny(text, stores)) return kStore;
  if (!HasVector(text)) return kScalar;
  return StartsWithAny(text, multiplies) ? kNeonMultiply : kNeonOther;
}

static enum Class ClassifyAarch32(const char* text) {
  static const char* const loads[] = {"ldr", "ldm", "ldc",  "lda",
                                      "pop", "vld", "vpop", NULL};
  static const char* const stores[] = {"str",  "stm", "stc",   "stl",
                                       "push", "vst", "vpush", NULL};
  static const char* const multiplies[] = {
      "vmul", "vmla", "vmls", "vqdmul", "vqdmla", "vqdmls",
      "vqrd", "vfma", "vfms", "vsdot",  "vudot",  NULL};
  if (StartsWithAny(text, loads)) return kLoad;
  if (StartsWithAny(text, stores)) return kStore;
  // vmrs and vmsr move the floating-point flags.
  if (text[0] != 'v' || StartsWith(text, "vmrs") || StartsWith(text, "vmsr"))
    return kScalar;
  if (IsScalarFloat(text)) return kScalar;
  return StartsWithAny(text, multiplies) ? kNeonMultiply : kNeonOther;
}

static enum Class Classify(const struct qemu_plugin_insn* instruction) {
  char* text = qemu_plugin_insn_disas(instruction);
  const bool unknown = !text || text[0] == '.';
  enum Class class = IsDotProduct(instruction) ? kNeonMultiply : kScalar;
  if (!unknown)
    class = is_aarch64 ? ClassifyAarch64(text) : ClassifyAarch32(text);
  free(text);
  return class;
}

// Writes down what ran since the last visit of a mark, if there was one.
static void EndPart(void) {
  size_t run_count = 0;
  for (const struct Block* block = blocks; block; block = block->next)
    run_count += block->executions != block->executions_before;
  struct Part* part = part_count ? &parts[part_count - 1] : NULL;
  if (part) part->runs = Grow(NULL, run_count, sizeof(*part->runs));
  for (struct Block* block = blocks; block; block = block->next) {
    const uint64_t executions = block->executions - block->executions_before;
    if (!executions) continue;
    if (part) {
      // More ran since they were counted: other threads go on meanwhile.
      if (part->run_count == run_count) break;
      part->runs[part->run_count++] = (struct Run){block, executions};
    }
    block->executions_before += executions;
  }
}

// By any of the guest's threads.
static void OnMark(unsigned int cpu, void* data) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  (void)cpu;
  (void)data;
  pthread_mutex_lock(&mutex);
  EndPart();
  parts = Grow(parts, part_count + 1, sizeof(*parts));
  parts[part_count++] = (struct Part){NULL, 0};
  pthread_mutex_unlock(&mutex);
}

static void RegisterMarks(struct qemu_plugin_tb* translated,
                          const struct Block* block) {
  for (size_t i = 0; i < mark_count && block->file >= 0; ++i) {
    if (marks[i].offset == block->offset &&
        strcmp(marks[i].path, files[block->file]) == 0) {
      qemu_plugin_register_vcpu_tb_exec_cb(translated, OnMark, kNoRegisters,
                                           NULL);
    }
  }
}

// QEMU holds a lock while it translates: this is never called by two threads at
// once.
static void OnTranslate(PluginId id, struct qemu_plugin_tb* translated) {
  (void)id;
  struct Block* block = calloc(1, sizeof(*block));
  if (!block) Die("out of memory", "");

  const size_t count = qemu_plugin_tb_n_insns(translated);
  for (size_t i = 0; i < count; ++i) {
    const struct qemu_plugin_insn* instruction =
        qemu_plugin_tb_get_insn(translated, i);
    block->bytes += qemu_plugin_insn_size(instruction);
    ++block->counts[Classify(instruction)];
  }

  const uintptr_t address =
      (uintptr_t)qemu_plugin_insn_haddr(qemu_plugin_tb_get_insn(translated, 0));
  const struct Mapping* mapping = FindMapping(address);
  if (!mapping) {
    ReadMappings();
    mapping = FindMapping(address);
  }
  block->file = mapping ? mapping->file : -1;
  block->offset = mapping ? mapping->offset + (address - mapping->begin) : 0;

  block->next = blocks;
  blocks = block;
  qemu_plugin_register_vcpu_tb_exec_inline(translated, kInlineAddU64,
                                           &block->executions, 1);
  RegisterMarks(translated, block);
}

static void WriteString(FILE* out, const char* text) {
  fputc('"', out);
  for (; *text; ++text) {
    if ((unsigned char)*text < 0x20) {
      fprintf(out, "\\u%04x", *text);
    } else {
      if (*text == '"' || *text == '\\') fputc('\\', out);
      fputc(*text, out);
    }
  }
  fputc('"', out);
}

static void OnExit(PluginId id, void* data) {
  (void)id;
  (void)data;
  EndPart();
  FILE* out = fopen(output_path, "w");
  if (!out) Die("cannot write ", output_path);
  fputs("{\"files\": [", out);
  for (int i = 0; i < file_count; ++i) {
    if (i) fputs(", ", out);
    WriteString(out, files[i]);
  }
  fputs("],\n\"columns\": [\"file\", \"offset\", \"bytes\", \"executions\"",
        out);
  for (int c = 0; c < kClasses; ++c) fprintf(out, ", \"%s\"", kClassNames[c]);
  fputs("],\n\"blocks\": [", out);
  const char* separator = "\n";
  int row = 0;
  for (struct Block* block = blocks; block; block = block->next) {
    if (!block->executions) continue;
    block->row = row++;
    fprintf(out, "%s[%d, %" PRIu64 ", %" PRIu32 ", %" PRIu64, separator,
            block->file, block->offset, block->bytes, block->executions);
    for (int c = 0; c < kClasses; ++c)
      fprintf(out, ", %" PRIu32, block->counts[c]);
    fputc(']', out);
    separator = ",\n";
  }
  fputs("\n],\n\"parts\": [", out);
  for (size_t i = 0; i < part_count; ++i) {
    fputs(i ? ",\n[" : "\n[", out);
    for (size_t j = 0; j < parts[i].run_count; ++j) {
      const struct Run* run = &parts[i].runs[j];
      fprintf(out, "%s[%d, %" PRIu64 "]", j ? ", " : "", run->block->row,
              run->executions);
    }
    fputc(']', out);
  }
  fputs("\n]}\n", out);
  const bool failed = ferror(out);
  if (fclose(out) != 0 || failed) Die("cannot write ", output_path);
}

// Takes "OFFSET:PATH" in; false when it is something else.
static bool AddMark(const char* text) {
  char* rest;
  const uint64_t offset = strtoull(text, &rest, 10);
  if (rest == text || rest[0] != ':' || !rest[1]) return false;
  marks = Grow(marks, mark_count + 1, sizeof(*marks));
  marks[mark_count].path = strdup(rest + 1);
  if (!marks[mark_count].path) Die("out of memory", "");
  marks[mark_count++].offset = offset;
  return true;
}

int qemu_plugin_install(PluginId id, const struct PluginInfo* info, int argc,
                        char** argv) {
  is_aarch64 = strcmp(info->target, "aarch64") == 0;
  for (int i = 0; i < argc; ++i) {
    if (StartsWith(argv[i], "out=") && argv[i][4]) {
      output_path = strdup(argv[i] + 4);
    } else if (!StartsWith(argv[i], "mark=") || !AddMark(argv[i] + 5)) {
      fprintf(stderr,
              "icount: unknown argument '%s'; there are out=FILE and "
              "mark=OFFSET:FILE\n",
              argv[i]);
      return 1;
    }
  }
  if (!output_path) {
    fputs("icount: out=FILE is missing\n", stderr);
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnTranslate);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
