/// The records of a wave.  // breach: word
struct Told {};  // breach: word

class Detector {
  std::string_view braces() { return "{{{"; }  // these open nothing: {{

  void judge() {  // breach: function
    if (ready()) {
      wait([] {
        return R"(
}}
)";
      });
    }
    send('}');
  }

  void send(char) { commit(); }
};
