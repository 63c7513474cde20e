/* SPDX-License-Identifier: Apache-2.0
 *
 * C++17: what a call that can fail returns. ifm::result<T> holds a T or an ifm::error; ifm::status is a
 * result without a value.
 *
 *     auto logger = ifm::logger::open();
 *     if (!logger) {
 *         std::fprintf(stderr, "%s\n", logger.error().message());
 *         return 1;
 *     }
 *     auto pipeline = logger->pipeline("ocr");
 *
 * Nothing in these headers throws, and all of them compile without exceptions and run-time types.
 * Thread-safety: a value like any other: one thread at a time.
 */
#ifndef IFM_RESULT_HPP
#define IFM_RESULT_HPP

#include <cstddef>
#include <cstdio>
#include <inferometer/error.h>
#include <inferometer/registry.h>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace ifm
{

/* ifm_error with access by name. */
class error
{
  public:
    error() noexcept = default;

    /* For a collector of your own; a longer message is cut. */
    error(ifm_code code, const char *message) noexcept
    {
        raw_.code = code;
        std::snprintf(raw_.message, sizeof raw_.message, "%s", message);
    }

    ifm_code code() const noexcept
    {
        return raw_.code;
    }
    const char *message() const noexcept
    {
        return raw_.message;
    }
    std::size_t offset() const noexcept
    {
        return raw_.offset;
    }

    /* For functions of the C API, which fill it in. */
    ifm_error *out() noexcept
    {
        return &raw_;
    }
    const ifm_error &raw() const noexcept
    {
        return raw_;
    }

  private:
    ifm_error raw_{};
};

/* A value, or the reason why there is none; bool() says which of * and error() may be asked. */
template <class T> class [[nodiscard]] result
{
  public:
    result(T value) noexcept : value_(std::move(value))
    {
    }
    result(const class error &why) noexcept : error_(why)
    {
    }

    explicit operator bool() const noexcept
    {
        return value_.has_value();
    }
    T &operator*() &noexcept
    {
        return *value_;
    }
    const T &operator*() const &noexcept
    {
        return *value_;
    }
    T &&operator*() &&noexcept
    {
        return std::move(*value_);
    }
    T *operator->() noexcept
    {
        return &*value_;
    }
    const T *operator->() const noexcept
    {
        return &*value_;
    }

    /* The value, or `other` where there is none: with a handle, T() is one that does nothing. */
    T value_or(T other) &&noexcept
    {
        return value_ ? std::move(*value_) : std::move(other);
    }
    const class error &error() const noexcept
    {
        return error_;
    }

  private:
    std::optional<T> value_;
    class error error_;
};

/* Success, or the reason for failure. */
template <> class [[nodiscard]] result<void>
{
  public:
    result() noexcept = default;
    result(const class error &why) noexcept : failed_(true), error_(why)
    {
    }

    explicit operator bool() const noexcept
    {
        return !failed_;
    }
    const class error &error() const noexcept
    {
        return error_;
    }

  private:
    bool failed_ = false;
    class error error_;
};
using status = result<void>;

namespace detail
{
template <auto Free> struct freer {
    template <class T> void operator()(T *object) const noexcept
    {
        Free(object);
    }
};

/* Owns an object of the C API: moved, not copied, freed by Free. */
template <class T, auto Free> using owner = std::unique_ptr<T, freer<Free>>;
} // namespace detail

/* Text that the library handed out. */
class text
{
  public:
    text(char *data, std::size_t size) noexcept : data_(data), size_(size)
    {
    }
    std::string_view view() const noexcept
    {
        return {data_.get(), size_};
    }

  private:
    detail::owner<char, ifm_free> data_;
    std::size_t size_;
};

} // namespace ifm

#endif
