#include "app/commands/command_line.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace kpr {

CommandLine::CommandLine()
    : app_("kpr: a national register of municipal care and its quality indicators", "kpr") {
  app_.require_subcommand(1);
  app_.set_version_flag("--version", "kpr " KPR_VERSION);
  app_.add_option("--code-lists", code_lists_,
                  "folder of code lists, in place of the built-in ones; a server's are registry.code_lists")
      ->envname("KPR_CODE_LISTS");
}

CLI::App* CommandLine::Add(CLI::App* parent, const char* name, const char* what, const char* example,
                           std::function<Status()> run) {
  CLI::App* sub = parent->add_subcommand(name, what);
  sub->footer(fmt::format("Example:\n  {}", example));
  sub->callback([this, run = std::move(run)] { work_ = run; });
  return sub;
}

void AddData(CLI::App* command, DataOptions* options) {
  command->add_option("--config", options->config_file, "TOML file; deploy/kpr.toml describes every option");
  command->add_option("--data", options->directory, "data directory (data.directory)");
  command->add_option("--partitions", options->partitions, "of a new log (data.partitions)");
  command->add_option("--catalogue", options->catalogue,
                      "folder of indicator definitions (indicators.catalogue)");
}

Result<Config> ConfigOf(const DataOptions& options) {
  KPR_ASSIGN_OR_RETURN(Config config, ReadConfig(options.config_file));
  if (!options.directory.empty()) config.directory = options.directory;
  if (!options.catalogue.empty()) config.catalogue = options.catalogue;
  if (options.partitions != 0) config.partitions = options.partitions;
  return config;
}

void AddClient(CLI::App* command, ClientOptions* options) {
  command->add_option("--server", options->server, "host:port")->capture_default_str();
  command->add_option("--ca", options->ca, "authority of the server's certificate; none: plaintext");
  command->add_option("--cert", options->certificate, "own certificate");
  command->add_option("--key", options->private_key, "own private key");
}

void AddOutput(CLI::App* command, OutputOptions* options) {
  auto* csv = command->add_flag("--csv", options->csv, "comma-separated values");
  command->add_flag("--json", options->json, "JSON")->excludes(csv);
}

Output OutputOf(const OutputOptions& options) {
  return options.json ? Output::kJson : options.csv ? Output::kCsv : Output::kTable;
}

}  // namespace kpr
