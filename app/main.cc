// kpr: the command line. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 interrupted.
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <thread>

#include "app/commands/command_line.h"
#include "app/data_folders.h"

// jemalloc's options: what a large batch needed goes back to the system within a second.
extern "C" const char* const malloc_conf =  // NOLINT(readability-identifier-naming): the library's name
    "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";

namespace kpr {
namespace {

constexpr int kFailed = 1, kUsage = 2, kInterrupted = 3;

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  return signals;
}

// All threads leave these signals to one that waits for them.
void WatchSignals(Interrupts* interrupts) {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([=] {
    for (int signal = 0;;) {
      sigwait(&signals, &signal);
      if (signal == SIGHUP) {
        interrupts->reload = true;
        continue;
      }
      if (interrupts->stop.exchange(true)) _exit(kInterrupted);  // a second one is meant
    }
  }).detach();
}

int Report(const Status& status, bool interrupted) {
  if (status.ok()) return 0;
  std::cerr << "kpr: " << status.message() << '\n';
  if (interrupted) return kInterrupted;
  return status.code() == Code::kInvalid ? kUsage : kFailed;
}

int Main(int argc, char** argv) {
  static Interrupts interrupts;  // the thread that waits for signals has no end
  CommandLine line;
  AddRegisterCommands(&line, &interrupts);
  AddSimulatorCommands(&line, &interrupts);
  AddSenderCommands(&line, &interrupts);
  AddConformanceCommand(&line, &interrupts);
  AddIndicatorCommands(&line, &interrupts);
  AddReleaseCommands(&line, &interrupts);
  AddExtractCommands(&line, &interrupts);
  AddSubjectCommand(&line);
  AddAuditCommands(&line);
  AddCodeListCommands(&line);
  AddAttributeCommands(&line);
  try {
    line.app()->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app()->exit(error) == 0 ? 0 : kUsage;
  }
  WatchSignals(&interrupts);
  Status status = UseCodeLists(line.code_lists());
  if (status.ok()) status = line.work()();
  return Report(status, interrupts.stop);
}

}  // namespace
}  // namespace kpr

int main(int argc, char** argv) {
  return kpr::Main(argc, argv);
}
