/* SPDX-License-Identifier: Apache-2.0
 *
 * C++17: a collector is any function object that takes an `ifm_collection *` and puts samples there with
 * the functions of collector.h. It returns nothing, or an ifm::status.
 *
 *     auto done = ifm::register_collector(registry, "queue", [&queue](ifm_collection *out) {
 *         ifm::collect(out, {"queue_length", "Requests that wait."}, IFM_COLLECTED_GAUGE, queue.size());
 *     });
 *     if (!done) {
 *         std::fprintf(stderr, "%s\n", done.error().message());
 *     }
 *
 * An exception that it throws ends there: the scrape goes on, and the failure is counted.
 * Thread-safety: called from whichever thread gathers, never twice at once for one registry.
 */
#ifndef IFM_COLLECTOR_HPP
#define IFM_COLLECTOR_HPP

#include <inferometer/metrics.hpp>

namespace ifm
{

/* One family with one sample, without labels. */
inline void collect(ifm_collection *out, const metric &about, ifm_collected_type type, double value) noexcept
{
    ifm_collected_family family = {};
    family.name = about.name;
    family.help = about.help;
    family.unit = about.unit;
    family.type = type;
    if (ifm_collect_family(out, &family)) {
        ifm_collect_sample(out, nullptr, value);
    }
}

namespace detail
{
template <class Function> status collector_result(Function &function, ifm_collection *out)
{
    if constexpr (std::is_void_v<decltype(function(out))>) {
        function(out);
        return {};
    } else {
        return function(out);
    }
}

#if defined(__cpp_exceptions)
template <class Function> status collector_guarded(Function &function, ifm_collection *out) noexcept
{
    try {
        return collector_result(function, out);
    } catch (const std::exception &thrown) {
        return error(IFM_STATE, thrown.what());
    } catch (...) {
        return error(IFM_STATE, "the collector threw something that is no std::exception");
    }
}
#else
template <class Function> status collector_guarded(Function &function, ifm_collection *out) noexcept
{
    return collector_result(function, out);
}
#endif

template <class Function> bool collector_call(void *context, ifm_collection *out, ifm_error *err) noexcept
{
    status done = collector_guarded(*static_cast<Function *>(context), out);
    if (!done) {
        *err = done.error().raw();
    }
    return static_cast<bool>(done);
}

template <class Function> void collector_free(void *context) noexcept
{
    delete static_cast<Function *>(context);
}
} // namespace detail

/* Registers `function` under `name`; it is moved in, and destroyed when the collector is unregistered or
 * the registry freed. Its destructor must not throw. Errors: as ifm_collector_register(). */
template <class Function>
status register_collector(ifm_registry *registry, const char *name, Function function)
{
    auto *context = new (std::nothrow) Function(std::move(function));
    if (context == nullptr) {
        return error(IFM_NOMEM, "out of memory");
    }
    ifm_collector_options options = {};
    options.name = name;
    options.collect = detail::collector_call<Function>;
    options.context = context;
    options.free_context = detail::collector_free<Function>;
    class error why;
    if (!ifm_collector_register(registry, &options, why.out())) {
        delete context; // free_context is called only for what was registered
        return why;
    }
    return {};
}

} // namespace ifm

#endif
