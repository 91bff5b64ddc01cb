// The part of QEMU 7.2's plug-in interface that icount.c and dcache.c use,
// declared after QEMU's documentation: Debian ships no header for it.
#ifndef WQLITE_TOOLS_ARMV7_QEMU_PLUGIN_H_
#define WQLITE_TOOLS_ARMV7_QEMU_PLUGIN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t PluginId;
typedef uint32_t MemoryInfo;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
// The begin of qemu_info_t.
struct PluginInfo {
  const char* target;  // The guest's instruction set: arm, aarch64.
};
enum { kNoRegisters = 0 };     // enum qemu_plugin_cb_flags
enum { kInlineAddU64 = 0 };    // enum qemu_plugin_op
enum { kReadsAndWrites = 3 };  // enum qemu_plugin_mem_rw

// What QEMU asks a plug-in for.
EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(PluginId id, const struct PluginInfo* info,
                               int argc, char** argv);

// When a block is translated, when it runs, when one of its instructions
// touches memory, and when the program ends.
void qemu_plugin_register_vcpu_tb_trans_cb(
    PluginId id, void (*callback)(PluginId, struct qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb* block,
                                              int operation, void* counter,
                                              uint64_t addend);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb* block,
                                          void (*callback)(unsigned int, void*),
                                          int flags, void* data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn* instruction,
                                      void (*callback)(unsigned int, MemoryInfo,
                                                       uint64_t, void*),
                                      int flags, int accesses, void* data);
void qemu_plugin_register_atexit_cb(PluginId id,
                                    void (*callback)(PluginId, void*),
                                    void* data);

// What a block consists of.
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(
    const struct qemu_plugin_tb* block, size_t index);
char* qemu_plugin_insn_disas(const struct qemu_plugin_insn* instruction);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn* instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn* instruction);
void* qemu_plugin_insn_haddr(const struct qemu_plugin_insn* instruction);

// What an access to memory is.
unsigned int qemu_plugin_mem_size_shift(MemoryInfo info);
bool qemu_plugin_mem_is_store(MemoryInfo info);

#endif  // WQLITE_TOOLS_ARMV7_QEMU_PLUGIN_H_
