#ifndef WQLITE_DELEGATE_BASE_PHASE_H_
#define WQLITE_DELEGATE_BASE_PHASE_H_

/// Stands before a function that is a phase of an operator's Run: it keeps its
/// name in the library, by which the instruction counter tells the phases
/// (tools/rig/phases.py).
#define WQ_PHASE __attribute__((noinline))

#endif  // WQLITE_DELEGATE_BASE_PHASE_H_
