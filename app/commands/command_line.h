// What the commands of the command line share. Each file beside this one adds its own commands and keeps what
// was parsed for them.
#pragma once

#include <CLI/App.hpp>
#include <atomic>
#include <functional>
#include <string>

#include "app/commands/indicators_command.h"
#include "app/config.h"
#include "ingest/client/connection.h"

namespace kpr {

// Set on the thread that waits for signals; read by long work.
struct Interrupts {
  std::atomic<bool> stop = false;    // SIGINT, SIGTERM
  std::atomic<bool> reload = false;  // SIGHUP
};

class CommandLine {
 public:
  CommandLine();
  CLI::App* app() { return &app_; }
  // `run` is what Work gives when the command was asked for.
  CLI::App* Add(CLI::App* parent, const char* name, const char* what, const char* example,
                std::function<Status()> run);
  const std::function<Status()>& work() const { return work_; }
  // A folder that takes the place of the built-in ones; empty: none was given.
  const std::string& code_lists() const { return code_lists_; }

 private:
  CLI::App app_;
  std::string code_lists_;
  std::function<Status()> work_;
};

// Of commands that work on the data themselves.
struct DataOptions {
  std::string config_file, directory, catalogue;
  uint32_t partitions = 0;
};
void AddData(CLI::App* command, DataOptions* options);
Result<Config> ConfigOf(const DataOptions& options);

// Of commands that ask a server.
void AddClient(CLI::App* command, ClientOptions* options);

struct OutputOptions {
  bool csv = false, json = false;
};
void AddOutput(CLI::App* command, OutputOptions* options);
Output OutputOf(const OutputOptions& options);

// `interrupts` outlives the work.
void AddAttributeCommands(CommandLine* line);
void AddAuditCommands(CommandLine* line);
void AddCodeListCommands(CommandLine* line);
void AddRegisterCommands(CommandLine* line, Interrupts* interrupts);
void AddSenderCommands(CommandLine* line, Interrupts* interrupts);
void AddConformanceCommand(CommandLine* line, Interrupts* interrupts);
void AddIndicatorCommands(CommandLine* line, Interrupts* interrupts);
void AddExtractCommands(CommandLine* line, Interrupts* interrupts);
void AddReleaseCommands(CommandLine* line, Interrupts* interrupts);
void AddSubjectCommand(CommandLine* line);
void AddSimulatorCommands(CommandLine* line, Interrupts* interrupts);

}  // namespace kpr
