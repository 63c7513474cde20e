/* SPDX-License-Identifier: Apache-2.0
 *
 * C++17: registry, counter, gauge, histogram, summary, families with labels, collectors.
 *
 *     auto pages = ifm::counter::make(nullptr, {"pages", "Pages that were read."});
 *     auto errors = ifm::family<ifm::counter, 1>::make(nullptr, {"errors", "What went wrong."}, {"reason"});
 *     if (pages && errors) {
 *         pages->inc();
 *         errors->with("timeout").inc();
 *     }
 *
 * Handles are those of metrics.h: small, copied freely, and without effect when default-constructed.
 * What is not wrapped here (exemplars, info, state sets, bucket layouts, text files) is used as it is,
 * through get().
 * Thread-safety: as in registry.h and metrics.h.
 */
#ifndef IFM_METRICS_HPP
#define IFM_METRICS_HPP

#include <array>
#include <exception>
#include <inferometer/collector.h>
#include <inferometer/metrics.h>
#include <inferometer/result.hpp>
#include <new>
#include <type_traits>

namespace ifm
{

/* A private registry. Wherever an `ifm_registry *` is taken it may be given, and nullptr is the default
 * one. It must outlive handles, loggers and endpoints that use it. */
class registry
{
  public:
    static result<registry> make(const ifm_registry_options &options = {}) noexcept
    {
        class error why;
        ifm_registry *made = ifm_registry_new(&options, why.out());
        if (made == nullptr) {
            return why;
        }
        return registry(made);
    }

    operator ifm_registry *() const noexcept
    {
        return raw_.get();
    }
    ifm_registry *get() const noexcept
    {
        return raw_.get();
    }

  private:
    explicit registry(ifm_registry *made) noexcept : raw_(made)
    {
    }
    detail::owner<ifm_registry, ifm_registry_free> raw_;
};

/* The whole registry as one document: ifm_registry_expose(). */
inline result<text> expose(ifm_registry *registry, const ifm_expose_options &options = {}) noexcept
{
    class error why;
    char *data = nullptr;
    std::size_t size = 0;
    if (!ifm_registry_expose(registry, &options, &data, &size, why.out())) {
        return why;
    }
    return text(data, size);
}

/* The value of one sample, for tests: ifm_registry_sample(). */
inline result<double> sample(ifm_registry *registry, const char *name) noexcept
{
    class error why;
    double value = 0;
    if (!ifm_registry_sample(registry, name, &value, why.out())) {
        return why;
    }
    return value;
}

/* What every metric has; see ifm_metric_options. */
struct metric {
    const char *name;
    const char *help;
    const char *unit = nullptr;
    std::size_t series_limit = 0;
};

namespace detail
{
inline ifm_metric_options metric_options(const metric &about, const char *const *labels,
                                         std::size_t label_count) noexcept
{
    ifm_metric_options options = {};
    options.name = about.name;
    options.help = about.help;
    options.unit = about.unit;
    options.series_limit = about.series_limit;
    options.label_names = labels;
    options.label_count = label_count;
    return options;
}

/* What counter, gauge, histogram and summary share. `Api` names the functions of the kind in metrics.h. */
template <class Self, class Api> class series
{
  public:
    using api = Api;

    series() noexcept = default;
    explicit series(typename Api::handle raw) noexcept : raw_(raw)
    {
    }

    /* Registers one without labels. `more` holds the other options of the kind; its `metric` is ignored. */
    static result<Self> make(ifm_registry *registry, const metric &about,
                             typename Api::options more = {}) noexcept
    {
        class error why;
        typename Api::handle raw = {};
        more.metric = metric_options(about, nullptr, 0);
        if (!Api::make(registry, &more, &raw, why.out())) {
            return why;
        }
        return Self(raw);
    }

    typename Api::handle get() const noexcept
    {
        return raw_;
    }

  protected:
    typename Api::handle raw_ = {};
};

#define IFM_SERIES_API(kind)                                                                                 \
    struct kind##_api {                                                                                      \
        using handle = ifm_##kind;                                                                           \
        using options = ifm_##kind##_options;                                                                \
        using family = ifm_##kind##_family;                                                                  \
        static constexpr auto make = ifm_##kind##_register;                                                  \
        static constexpr auto make_family = ifm_##kind##_family_register;                                    \
        static constexpr auto with = ifm_##kind##_with;                                                      \
        static constexpr auto remove = ifm_##kind##_remove;                                                  \
        static constexpr auto clear = ifm_##kind##_clear;                                                    \
    };
IFM_SERIES_API(counter)
IFM_SERIES_API(gauge)
IFM_SERIES_API(histogram)
IFM_SERIES_API(summary)
#undef IFM_SERIES_API
} // namespace detail

class counter : public detail::series<counter, detail::counter_api>
{
  public:
    using series::series;
    void inc() const noexcept
    {
        ifm_counter_inc(raw_);
    }
    void add(double amount) const noexcept
    {
        ifm_counter_add(raw_, amount);
    }
    double value() const noexcept
    {
        return ifm_counter_value(raw_);
    }
};

class gauge : public detail::series<gauge, detail::gauge_api>
{
  public:
    using series::series;
    void set(double value) const noexcept
    {
        ifm_gauge_set(raw_, value);
    }
    void inc() const noexcept
    {
        ifm_gauge_inc(raw_);
    }
    void dec() const noexcept
    {
        ifm_gauge_dec(raw_);
    }
    void add(double amount) const noexcept
    {
        ifm_gauge_add(raw_, amount);
    }
    double value() const noexcept
    {
        return ifm_gauge_value(raw_);
    }
};

class histogram : public detail::series<histogram, detail::histogram_api>
{
  public:
    using series::series;
    void observe(double value) const noexcept
    {
        ifm_histogram_observe(raw_, value);
    }
};

class summary : public detail::series<summary, detail::summary_api>
{
  public:
    using series::series;
    void observe(double value) const noexcept
    {
        ifm_summary_observe(raw_, value);
    }
};

/* A metric with N labels. with() takes exactly N values, which the compiler checks; resolve a series once
 * and keep it. The registry owns the family: this is a reference, valid as long as the family. */
template <class Metric, std::size_t N> class family
{
    using api = typename Metric::api;

  public:
    static result<family> make(ifm_registry *registry, const metric &about,
                               const std::array<const char *, N> &labels,
                               typename api::options more = {}) noexcept
    {
        class error why;
        typename api::family *raw = nullptr;
        more.metric = detail::metric_options(about, labels.data(), N);
        if (!api::make_family(registry, &more, &raw, why.out())) {
            return why;
        }
        return family(raw);
    }

    template <class... Values> Metric with(Values... values) const noexcept
    {
        static_assert(sizeof...(values) == N, "one value for each label");
        const std::array<const char *, N> list{values...};
        return Metric(api::with(raw_, list.data()));
    }
    template <class... Values> bool remove(Values... values) const noexcept
    {
        static_assert(sizeof...(values) == N, "one value for each label");
        const std::array<const char *, N> list{values...};
        return api::remove(raw_, list.data());
    }
    void clear() const noexcept
    {
        api::clear(raw_);
    }
    typename api::family *get() const noexcept
    {
        return raw_;
    }

  private:
    explicit family(typename api::family *raw) noexcept : raw_(raw)
    {
    }
    typename api::family *raw_;
};

} // namespace ifm

#endif
