#include "app/watchdog.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string_view>

namespace kpr {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds kPause{5};
constexpr int kAnswerMillis = 10'000;
constexpr int kSilences = 3;  // in a row
// An HTTP/2 client's first words. A server that speaks TLS closes on them, and either is an answer.
constexpr std::string_view kHello("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

bool Ready(int socket, short events) {
  pollfd waiting{socket, events, 0};
  return poll(&waiting, 1, kAnswerMillis) == 1;
}

bool Speak(int socket, const addrinfo& to) {
  if (connect(socket, to.ai_addr, to.ai_addrlen) != 0) {
    if (errno != EINPROGRESS || !Ready(socket, POLLOUT)) return false;
  }
  if (send(socket, kHello.data(), kHello.size(), MSG_NOSIGNAL) < 0) return false;
  return Ready(socket, POLLIN);
}

// Whether somebody takes the connection and says something, or closes it.
bool Answers(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with("[")) host = host.substr(1, host.size() - 2);
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> to(found, freeaddrinfo);
  const int socket = ::socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const bool answers = Speak(socket, *to);
  close(socket);
  return answers;
}

}  // namespace

Watchdog::~Watchdog() {
  stopping_ = true;
  thread_.join();
}

Status Watchdog::Failure() const {
  return silent_ ? Unavailable(fmt::format("server.listen {}: the port does not answer any more", address_))
                 : Status();
}

void Watchdog::Run() {
  int silences = 0;
  while (!stopping_ && silences < kSilences) {
    for (const auto next = Steady::now() + kPause; !stopping_ && Steady::now() < next;)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    silences = Answers(address_) ? 0 : silences + 1;
  }
  silent_ = silences == kSilences;
}

}  // namespace kpr
