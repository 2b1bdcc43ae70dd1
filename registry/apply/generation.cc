#include "registry/apply/generation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <optional>

namespace kpr {
namespace {

namespace fs = std::filesystem;

Status Failed(const std::string& doing, const std::error_code& error) {
  return Unavailable(fmt::format("{}: {}", doing, error.message()));
}

// The number of a folder named BASE.NUMBER, 0 of BASE itself.
std::optional<uint64_t> GenerationOf(const std::string& name, const std::string& base) {
  if (name == base) return 0;
  if (!name.starts_with(base + ".")) return std::nullopt;
  const char* end = name.data() + name.size();
  uint64_t number = 0;
  const auto parsed = std::from_chars(name.data() + base.size() + 1, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number == 0) return std::nullopt;
  return number;
}

std::string Name(const std::string& directory, uint64_t generation) {
  return generation == 0 ? directory : fmt::format("{}.{}", directory, generation);
}

// Calls f(number, folder) for each generation that there is.
template <typename F>
Status ForEachGeneration(const std::string& directory, F&& f) {
  const fs::path path = directory;
  std::error_code error;
  fs::directory_iterator it(path.parent_path(), error);
  if (error == std::errc::no_such_file_or_directory) return {};
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    if (const auto number = GenerationOf(it->path().filename().string(), path.filename().string()))
      f(*number, it->path());
  }
  return error ? Failed(path.parent_path().string(), error) : Status();
}

Result<uint64_t> Newest(const std::string& directory) {
  uint64_t newest = 0;
  KPR_RETURN_IF_ERROR(ForEachGeneration(
      directory, [&](uint64_t number, const fs::path&) { newest = std::max(newest, number); }));
  return newest;
}

}  // namespace

std::string PartitionDirectory(const std::string& registry, uint32_t partition) {
  return fmt::format("{}/partition-{}", registry, partition);
}

Result<std::string> BuildDirectory(const std::string& partition_directory) {
  const std::string directory = partition_directory + ".building";
  std::error_code error;
  fs::remove_all(directory, error);
  if (error) return Failed(directory, error);
  return directory;
}

Result<std::string> NewestGeneration(const std::string& partition_directory) {
  KPR_ASSIGN_OR_RETURN(const uint64_t newest, Newest(partition_directory));
  return Name(partition_directory, newest);
}

Status RemoveOtherGenerations(const std::string& partition_directory, const std::string& kept) {
  std::error_code error;
  KPR_RETURN_IF_ERROR(ForEachGeneration(partition_directory, [&](uint64_t number, const fs::path& folder) {
    if (Name(partition_directory, number) != kept && !error) fs::remove_all(folder, error);
  }));
  return error ? Failed(partition_directory, error) : Status();
}

void RemoveBuilding(const std::string& registry) {
  std::error_code error;
  for (fs::directory_iterator it(registry, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    std::error_code ignored;  // what is left is removed by the next round
    if (it->path().extension() == ".building") fs::remove_all(it->path(), ignored);
  }
}

Result<std::string> AddGeneration(const std::string& partition_directory, const std::string& built) {
  KPR_ASSIGN_OR_RETURN(const uint64_t newest, Newest(partition_directory));
  std::string generation = Name(partition_directory, newest + 1);
  std::error_code error;
  fs::rename(built, generation, error);
  if (error) return Failed(generation, error);
  const int folder = open(fs::path(generation).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0 || fsync(folder) != 0) error = {errno, std::generic_category()};
  if (folder >= 0) close(folder);
  if (error) return Failed(generation, error);
  return generation;
}

Status SetAside(const std::string& generation) {
  const std::string damaged = generation + ".damaged";
  std::error_code error;
  fs::remove_all(damaged, error);
  if (!error) fs::rename(generation, damaged, error);
  return error ? Failed(damaged, error) : Status();
}

}  // namespace kpr
