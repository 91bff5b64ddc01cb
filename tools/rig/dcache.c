// A plug-in for qemu-arm that models the data caches of a small core:
//
//   qemu-arm -plugin build/armv7/libdcache.so,out=COUNTS.json PROGRAM ...
//
// 32 KiB of first-level cache, 4 ways; 512 KiB of second-level cache, 8 ways;
// lines of 64 bytes; least recently used lines leave first; a write fetches its
// line, and the line is written back when it leaves. At exit the plug-in writes
// how many lines each level asked for:
//
//   {"accesses": N, "l1_misses": N, "lines_fetched": N, "lines_written": N}
//
// where the last two are lines from and to memory. Instructions, prefetching
// and page tables are left out; addresses are the program's (virtual) ones.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rig/qemu_plugin.h"

int qemu_plugin_version = 1;

enum { kLineBits = 6, kL1Ways = 4, kL1Sets = 128, kL2Ways = 8, kL2Sets = 1024 };

// A line's number, plus one so that 0 is an empty place, and whether it was
// written.
struct Line {
  uint32_t tag;
  bool dirty;
};

// The lines of a set stand in the order of their last use, latest first.
static struct Line l1[kL1Sets][kL1Ways];
static struct Line l2[kL2Sets][kL2Ways];
static uint64_t accesses, l1_misses, lines_fetched, lines_written;
static char* output_path;

// Moves the line to the front of its set. False when it was not there; then it
// takes the place of the last, which is handed out.
static bool Use(struct Line* set, int ways, uint32_t line, bool write,
                struct Line* evicted) {
  const uint32_t tag = line + 1;
  int place = 0;
  while (place < ways - 1 && set[place].tag != tag) ++place;
  const bool hit = set[place].tag == tag;
  *evicted = hit ? (struct Line){0, false} : set[place];
  const bool dirty = (hit && set[place].dirty) || write;
  memmove(set + 1, set, place * sizeof(*set));
  set[0] = (struct Line){tag, dirty};
  return hit;
}

// Returns whether the line was in the second-level cache.
static bool UseL2(uint32_t line, bool write) {
  struct Line evicted;
  const bool hit = Use(l2[line % kL2Sets], kL2Ways, line, write, &evicted);
  lines_written += evicted.dirty;
  return hit;
}

static void UseLine(uint32_t line, bool write) {
  struct Line evicted;
  if (Use(l1[line % kL1Sets], kL1Ways, line, write, &evicted)) return;
  ++l1_misses;
  if (evicted.dirty) UseL2(evicted.tag - 1, true);
  lines_fetched += !UseL2(line, false);
}

static void OnAccess(unsigned int cpu, MemoryInfo info, uint64_t address,
                     void* data) {
  (void)cpu;
  (void)data;
  const uint32_t first = (uint32_t)address;
  const uint32_t last = first + (1u << qemu_plugin_mem_size_shift(info)) - 1;
  const bool write = qemu_plugin_mem_is_store(info);
  ++accesses;
  UseLine(first >> kLineBits, write);
  if (last >> kLineBits != first >> kLineBits)
    UseLine(last >> kLineBits, write);
}

static void OnTranslate(PluginId id, struct qemu_plugin_tb* block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(block, i),
                                     OnAccess, kNoRegisters, kReadsAndWrites,
                                     NULL);
  }
}

static void OnExit(PluginId id, void* data) {
  (void)id;
  (void)data;
  FILE* out = fopen(output_path, "w");
  if (out) {
    fprintf(out,
            "{\"accesses\": %" PRIu64 ", \"l1_misses\": %" PRIu64
            ", \"lines_fetched\": %" PRIu64 ", \"lines_written\": %" PRIu64
            "}\n",
            accesses, l1_misses, lines_fetched, lines_written);
  }
  if (!out || fclose(out) != 0) {
    fprintf(stderr, "dcache: cannot write %s\n", output_path);
    exit(1);
  }
}

int qemu_plugin_install(PluginId id, const struct PluginInfo* info, int argc,
                        char** argv) {
  (void)info;
  if (argc != 1 || strncmp(argv[0], "out=", 4) != 0 || !argv[0][4]) {
    fputs("dcache: out=FILE is needed, and nothing else\n", stderr);
    return 1;
  }
  output_path = strdup(argv[0] + 4);
  if (!output_path) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnTranslate);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
