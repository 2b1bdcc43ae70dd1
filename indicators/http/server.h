// Serves handlers over HTTP/1.1 on a port or a unix socket of its own. nginx ends TLS before it. Bounded:
// connections, bytes of headers and bodies, the time a request may take to come and an answer to be taken.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "indicators/http/message.h"

namespace kpr::http {

struct ServerOptions {
  std::string listen;                  // "127.0.0.1:8080", port 0 takes any; or "unix:/run/kpr/roles.sock"
  std::string option = "http.listen";  // that gives it, for errors
  int threads = 2;
  std::string certificate_header;  // by which a front forwards the client's certificate; empty: none is read
  std::function<void(const std::string&)> on_failure;  // of one connection; may be empty
};

class Server {
 public:
  // Called from the server's threads, several at once.
  using Handler = std::function<std::shared_ptr<const Response>(const Request&)>;

  // kUnavailable: it cannot listen there.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options, Handler handler);
  // Closes what is open and joins.
  ~Server();
  int port() const;  // 0 of a unix socket

  class State;
  explicit Server(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace kpr::http
