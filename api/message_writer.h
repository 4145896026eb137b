#ifndef PURSER_API_MESSAGE_WRITER_H_
#define PURSER_API_MESSAGE_WRITER_H_

// Two writers of a public message that take it field by field and put it straight into the bytes of
// an answer: as JSON (json.h says how that looks) or as protobuf, byte for byte what the message
// itself would print. No message is made, which is most of what an answer costs. What is written is
// said once, in a template over the two (answer_fields.h).
//
// Fields come in order of their numbers, each at most once; one out of order, or of another kind,
// is a bug of ours and ends the process. Scalars without presence come always: the JSON of a
// message has them, its protobuf leaves out what is the default. What is optional comes when it is
// set. Maps come in order of their keys. Thread-compatible.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_scalar.h"
#include "api/json_table.h"
#include "ledger/amount.h"
#include "ledger/rate.h"
#include "ledger/resource.h"

namespace purser::api {

enum class FieldShape { kSingle, kMap, kList };

// What both know of the message.
class FieldOrder {
 public:
  explicit FieldOrder(const JsonTable& table) : table_(table) {}
  const JsonField& Next(int number, JsonForm form, FieldShape shape = FieldShape::kSingle);

 private:
  const JsonTable& table_;
  int last_ = 0;
};

class JsonMessageWriter {
 public:
  // Opens the object; Close ends it.
  JsonMessageWriter(const JsonTable& table, std::string* out) : order_(table), out_(*out) {
    out_.push_back('{');
  }
  void Close() { out_.push_back('}'); }

  void Text(int number, std::string_view text);
  // Left out when there is none.
  void Texts(int number, const std::vector<std::string>& texts);
  // Left out when it is 0.
  void Enum(int number, int value);
  void Bool(int number, bool value);
  void Int32(int number, int32_t value);
  void Uint64(int number, uint64_t value);
  void Time(int number, InstantUs instant);
  void Duration(int number, int64_t duration_us);
  // `fill` gets something with Add(key, value), value an Amount, a Rate or a text.
  template <typename Fill>
  void Map(int number, JsonForm form, Fill fill) {
    Key(number, form, FieldShape::kMap);
    MapWriter map(&out_);
    fill(&map);
    out_.push_back('}');
  }
  // A message as a field, written by `fill`.
  template <typename Fill>
  void Message(int number, Fill fill) {
    const JsonField& field = Key(number, JsonForm::kMessage);
    JsonMessageWriter inner(*field.table, &out_);
    fill(&inner);
    inner.Close();
  }
  // `fill` gets something with Add(fill of an element).
  template <typename Fill>
  void List(int number, Fill fill) {
    const JsonField& field = Key(number, JsonForm::kMessage, FieldShape::kList);
    ListWriter list(field, &out_);
    fill(&list);
    out_.push_back(']');
  }
  // One that was made already.
  void Made(int number, const google::protobuf::Message& message);

  class MapWriter {
   public:
    explicit MapWriter(std::string* out) : out_(*out) { out_.push_back('{'); }
    void Add(std::string_view key, Amount value);
    void Add(std::string_view key, Rate value);
    void Add(std::string_view key, std::string_view value);
    void AddLabel(std::string_view key, std::string_view value);

   private:
    void Key(std::string_view key);
    template <typename Decimal>
    void AddDecimal(std::string_view key, Decimal value);

    std::string& out_;
    bool first_ = true;
  };
  class ListWriter {
   public:
    ListWriter(const JsonField& field, std::string* out) : field_(field), out_(*out) {
      out_.push_back('[');
    }
    template <typename Fill>
    void Add(Fill fill) {
      if (!first_) out_.push_back(',');
      first_ = false;
      JsonMessageWriter element(*field_.table, &out_);
      fill(&element);
      element.Close();
    }

   private:
    const JsonField& field_;
    std::string& out_;
    bool first_ = true;
  };

 private:
  const JsonField& Key(int number, JsonForm form, FieldShape shape = FieldShape::kSingle);

  FieldOrder order_;
  std::string& out_;
  bool first_ = true;
};

class ProtobufMessageWriter {
 public:
  ProtobufMessageWriter(const JsonTable& table, std::string* out) : order_(table), out_(*out) {}
  void Close() {}

  void Text(int number, std::string_view text);
  void Texts(int number, const std::vector<std::string>& texts);
  void Enum(int number, int value);
  void Bool(int number, bool value);
  void Int32(int number, int32_t value);
  void Uint64(int number, uint64_t value);
  void Time(int number, InstantUs instant);
  void Duration(int number, int64_t duration_us);
  template <typename Fill>
  void Map(int number, JsonForm form, Fill fill) {
    order_.Next(number, form, FieldShape::kMap);
    MapWriter map(number, &out_);
    fill(&map);
  }
  template <typename Fill>
  void Message(int number, Fill fill) {
    const JsonField& field = order_.Next(number, JsonForm::kMessage);
    Element(field, fill, &out_);
  }
  template <typename Fill>
  void List(int number, Fill fill) {
    ListWriter list(order_.Next(number, JsonForm::kMessage, FieldShape::kList), &out_);
    fill(&list);
  }
  void Made(int number, const google::protobuf::Message& message);

  class MapWriter {
   public:
    MapWriter(int number, std::string* out) : number_(number), out_(*out) {}
    void Add(std::string_view key, Amount value);
    void Add(std::string_view key, Rate value);
    void Add(std::string_view key, std::string_view value);
    void AddLabel(std::string_view key, std::string_view value) { Add(key, value); }

   private:
    // As a message whose only field is the count.
    void AddDecimal(std::string_view key, int64_t count);

    const int number_;
    std::string& out_;
  };
  class ListWriter {
   public:
    ListWriter(const JsonField& field, std::string* out) : field_(field), out_(*out) {}
    template <typename Fill>
    void Add(Fill fill) {
      Element(field_, fill, &out_);
    }

   private:
    const JsonField& field_;
    std::string& out_;
  };

 private:
  // Its length stands before it and is known only behind it: the bytes move up by the length's own.
  template <typename Fill>
  static void Element(const JsonField& field, Fill fill, std::string* out) {
    const size_t begin = BeginNested(field.field->number(), out);
    ProtobufMessageWriter inner(*field.table, out);
    fill(&inner);
    EndNested(begin, out);
  }
  static size_t BeginNested(int number, std::string* out);
  static void EndNested(size_t begin, std::string* out);
  // Whether a scalar is to be written: with presence always.
  bool Takes(int number, JsonForm form, bool is_default);
  void Pair(int number, const SecondsAndNanos& time);

  FieldOrder order_;
  std::string& out_;
};

}  // namespace purser::api

#endif  // PURSER_API_MESSAGE_WRITER_H_
