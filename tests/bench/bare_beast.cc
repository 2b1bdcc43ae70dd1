// What the library alone does: Boost.Beast with coroutines, one answer of so many bytes to everybody, nothing
// checked. bare_beast PORT BYTES; the limit beside which load on http.listen is measured
// (tests/bench/http.sh).
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <thread>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

asio::awaitable<void> Talk(boost::beast::tcp_stream stream, const std::string& body) {
  boost::system::error_code error;
  boost::beast::flat_buffer buffer;
  for (;;) {
    http::request<http::string_body> request;
    co_await http::async_read(stream, buffer, request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    http::response<http::string_body> response{http::status::ok, request.version()};
    response.keep_alive(request.keep_alive());
    response.body() = body;
    response.prepare_payload();
    co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

asio::awaitable<void> Accept(asio::io_context& context, tcp::acceptor& acceptor, const std::string& body) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::make_strand(context), asio::use_awaitable);
    auto executor = socket.get_executor();
    asio::co_spawn(executor, Talk(boost::beast::tcp_stream(std::move(socket)), body), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  asio::io_context context;
  const std::string body(static_cast<size_t>(std::atoi(argv[2])), 'x');
  tcp::acceptor acceptor(context,
                         {asio::ip::make_address("127.0.0.1"), static_cast<uint16_t>(std::atoi(argv[1]))});
  asio::co_spawn(context, Accept(context, acceptor, body), asio::detached);
  std::thread other([&] { context.run(); });
  context.run();
  other.join();
}
