// The server on a real socket: its bounds, and its end while somebody still reads.
#include "indicators/http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"

namespace kpr::http {
namespace {

class Client {
 public:
  explicit Client(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  // The first line's begin, "HTTP/1.1 200"; empty where the connection was closed.
  std::string Ask(const std::string& request) {
    EXPECT_EQ(send(socket_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    char line[12];
    const ssize_t got = recv(socket_, line, sizeof line, MSG_WAITALL);
    return got > 0 ? std::string(line, static_cast<size_t>(got)) : "";
  }

 private:
  int socket_;
};

ServerOptions At(const std::string& listen) {
  ServerOptions options;
  options.listen = listen;
  return options;
}

std::unique_ptr<Server> StartServer(size_t bytes) {
  auto server = Server::Start(At("127.0.0.1:0"), [bytes](const Request&) {
    auto response = std::make_shared<Response>();
    response->content_type = "text/plain";
    response->body.assign(bytes, 'x');
    return response;
  });
  EXPECT_TRUE(server.ok()) << server.status().message();
  return std::move(*server);
}

TEST(HttpServer, EndsWhileSlowReadersHoldAnswers) {
  auto server = StartServer(32u << 20);
  std::vector<std::unique_ptr<Client>> readers;
  for (int i = 0; i < 4; ++i) {
    readers.push_back(std::make_unique<Client>(server->port()));
    EXPECT_EQ(readers.back()->Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200");
  }
  server.reset();  // what is being sent is let go, with nothing used that is gone
}

TEST(HttpServer, RefusesWhatIsLargerThanItsBounds) {
  const auto server = StartServer(3);
  const std::string large(limits::kHttpHeaderBytes + 1, 'a');
  EXPECT_EQ(Client(server->port()).Ask("GET / HTTP/1.1\r\nHost: x\r\nA: " + large + "\r\n\r\n"),
            "HTTP/1.1 431");
  EXPECT_EQ(Client(server->port())
                .Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                     std::to_string(limits::kHttpBodyBytes + 1) + "\r\n\r\n"),
            "HTTP/1.1 413");
  EXPECT_EQ(Client(server->port()).Ask("no request at all\r\n\r\n"), "HTTP/1.1 400");
}

TEST(HttpServer, SaysWhyItCannotListen) {
  const auto first = StartServer(1);
  for (const std::string listen : {"127.0.0.1", "nowhere:80", "unix:"})
    EXPECT_EQ(Server::Start(At(listen), {}).status().code(), Code::kInvalid) << listen;
  EXPECT_EQ(Server::Start(At("unix:/no/such/folder/socket"), {}).status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace kpr::http
