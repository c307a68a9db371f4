#include "options.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <system_error>

namespace foodorder::config {

namespace {

constexpr std::size_t file_max_bytes = 1 << 20;
constexpr int silence_max_ms = 30'000;

std::string reason(int error) { return std::generic_category().message(error); }

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

/// All there is, in `text`; else why not.
std::optional<std::string> read_all(int descriptor, std::string& text) {
  std::array<char, 16384> part{};
  for (;;) {
    const ssize_t size = ::read(descriptor, part.data(), part.size());
    if (size == 0) return {};
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) {
      pollfd readable{descriptor, POLLIN, 0};
      if (::poll(&readable, 1, silence_max_ms) == 0) return fmt::format("gave nothing for {} s", silence_max_ms / 1000);
      continue;
    }
    if (size < 0) return "cannot be read: " + reason(errno);
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > file_max_bytes) return fmt::format("is larger than {} bytes", file_max_bytes);
  }
}

}  // namespace

ConfigFile read_config_file(std::string path, const std::string& asked_by) {
  ConfigFile file{std::move(path), "", {}};
  const auto refuse = [&](std::string_view why) {
    file.error = fmt::format("{}: {} {}", asked_by, toml_string(file.path), why);
  };
  // Without O_NONBLOCK a named pipe that nobody writes to would hold up the start for ever.
  const Descriptor descriptor(::open(file.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  struct stat status{};
  if (descriptor.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    file.error = fmt::format("{}: there is no file {}", asked_by, toml_string(file.path));
  } else if (descriptor.get() < 0) {
    refuse("cannot be read: " + reason(errno));
  } else if (::fstat(descriptor.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
    refuse("is a folder, not a file");
  } else if (const auto problem = read_all(descriptor.get(), file.text)) {
    refuse(*problem);
  } else if (file.text.empty() && S_ISFIFO(status.st_mode)) {
    refuse("is a pipe, and nothing was written to it");
  }
  return file;
}

}  // namespace foodorder::config
