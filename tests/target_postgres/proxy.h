// A wire between broker and target that can be cut, held, led elsewhere, or made to lose answers.
//
// Safe from any thread; its own thread ends with it.
#pragma once

#include <atomic>
#include <list>
#include <thread>
#include <utility>

namespace jit::testing {

class Proxy {
 public:
  enum class Mode {
    kForward,
    kLoseAnswers,  // what the client sends arrives; what the server answers does not
    kHold,         // nothing moves, in either direction
  };

  explicit Proxy(int backend_port);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  int port() const { return port_; }
  void Set(Mode mode) { mode_ = mode; }
  void LeadTo(int backend_port) { backend_port_ = backend_port; }  // new connections only
  void CutAll();  // those that are there now; they are gone when it returns

 private:
  void Loop();

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> backend_port_;
  std::atomic<Mode> mode_ = Mode::kForward;
  std::atomic<bool> cut_ = false;
  std::atomic<bool> over_ = false;
  std::list<std::pair<int, int>> wires_;  // client, server
  std::thread thread_;
};

}  // namespace jit::testing
