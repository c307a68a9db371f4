#include "readers.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace foodorder::bench {

namespace {

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

}  // namespace

Readers::Readers(std::uint16_t port, std::size_t count) : poll_(checked(epoll_create1(0), "epoll_create1")) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string request = fmt::format("GET /events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", port);
  for (std::size_t i = 0; i < count; ++i) {
    const int socket = checked(::socket(AF_INET, SOCK_STREAM, 0), "socket");
    sockets_.push_back(socket);
    checked(connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
    checked(static_cast<int>(write(socket, request.data(), request.size())), "write");
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.fd = socket;
    checked(epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &interest), "epoll_ctl");
  }
  thread_ = std::thread([this] { drain(); });
}

Readers::~Readers() {
  stopping_ = true;
  thread_.join();
  for (const int socket : sockets_) close(socket);
  close(poll_);
}

void Readers::drain() {
  std::vector<char> buffer(256U << 10U);
  std::array<epoll_event, 256> ready{};
  while (!stopping_) {
    const int count = epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 20);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = ready[static_cast<std::size_t>(i)];
      const ssize_t bytes = recv(event.data.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (bytes == 0) epoll_ctl(poll_, EPOLL_CTL_DEL, event.data.fd, nullptr);  // the server has closed it
    }
  }
}

}  // namespace foodorder::bench
