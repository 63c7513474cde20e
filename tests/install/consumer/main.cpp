/* SPDX-License-Identifier: Apache-2.0
 *
 * A program of somebody else, in C++17: everything that inferometer.hpp offers, each with what it must
 * leave in the registry. Built with and without exceptions.
 */
#include <cstdio>
#include <inferometer/inferometer.hpp>
#include <string>
#include <type_traits>

static_assert(!std::is_copy_constructible_v<ifm::logger> &&
              std::is_nothrow_move_constructible_v<ifm::logger>);
static_assert(!std::is_copy_constructible_v<ifm::registry> && !std::is_copy_constructible_v<ifm::endpoint>);
static_assert(!std::is_copy_constructible_v<ifm::inference> && !std::is_copy_constructible_v<ifm::span>);
static_assert(std::is_trivially_copyable_v<ifm::counter> && std::is_trivially_copyable_v<ifm::histogram>);

namespace
{

int failures = 0;

void expect(ifm_registry *registry, const char *sample, double want)
{
    ifm::result<double> got = ifm::sample(registry, sample);
    if (!got || *got != want) {
        std::fprintf(stderr, "%s: want %g, got %s\n", sample, want,
                     got ? std::to_string(*got).c_str() : got.error().message());
        failures++;
    }
}

void expect(bool ok, const char *what)
{
    if (!ok) {
        std::fprintf(stderr, "false: %s\n", what);
        failures++;
    }
}

void metrics(ifm_registry *registry)
{
    auto counter = ifm::counter::make(registry, {"pages", "Pages."});
    auto gauge = ifm::gauge::make(registry, {"room", "Room."});
    auto histogram = ifm::histogram::make(registry, {"size_bytes", "Sizes.", "bytes"});
    auto summary = ifm::summary::make(registry, {"work", "Work."});
    auto errors = ifm::family<ifm::counter, 2>::make(registry, {"errors", "Errors."}, {"stage", "reason"});
    expect(counter && gauge && histogram && summary && errors, "every metric is registered");
    if (failures > 0) {
        return;
    }
    counter->add(2);
    counter->inc();
    gauge->set(5);
    gauge->dec();
    histogram->observe(0.5);
    summary->observe(0.5);
    errors->with("pre", "timeout").inc();
    errors->with("pre", "gone").inc();
    expect(errors->remove("pre", "gone"), "a series that exists is removed");
    expect(counter->value() == 3, "a counter tells its value");
    expect(registry, "pages_total", 3);
    expect(registry, "room", 4);
    expect(registry, "size_bytes_count", 1);
    expect(registry, "work_count", 1);
    expect(registry, "errors_total{stage=\"pre\",reason=\"timeout\"}", 1);
    expect(!ifm::sample(registry, "errors_total{stage=\"pre\",reason=\"gone\"}"), "a removed series is gone");

    ifm::counter nothing;
    nothing.inc(); // without effect, as a zeroed handle
}

void refusals(ifm_registry *registry)
{
    auto taken = ifm::gauge::make(registry, {"pages", "Pages."});
    expect(!taken && taken.error().code() == IFM_EXISTS, "a name of another type is refused");
    auto wrong = ifm::counter::make(registry, {"", "No name."});
    expect(!wrong && wrong.error().code() == IFM_INVALID, "an empty name is refused");
    expect(wrong.error().message()[0] != '\0', "a refusal says why");
}

// Counts its copies, so that the test sees whether the last one was destroyed.
struct token {
    static int alive;
    token()
    {
        alive++;
    }
    token(const token &)
    {
        alive++;
    }
    ~token()
    {
        alive--;
    }
};
int token::alive = 0;

void collectors(ifm_registry *registry)
{
    token held;
    auto queue = [held](ifm_collection *out) {
        ifm::collect(out, {"queue_length", "Requests that wait."}, IFM_COLLECTED_GAUGE, 7);
    };
    auto broken = [held](ifm_collection *) -> ifm::status {
        return ifm::error(IFM_IO, "could not read the sensor");
    };
    expect(static_cast<bool>(ifm::register_collector(registry, "queue", queue)), "a collector is registered");
    expect(static_cast<bool>(ifm::register_collector(registry, "broken", broken)), "a second one, too");
    int alive = token::alive;
    auto again = ifm::register_collector(registry, "queue", queue);
    expect(!again && again.error().code() == IFM_EXISTS, "a collector's name is taken");
    expect(token::alive == alive, "a collector that was refused is destroyed");
    expect(registry, "queue_length", 7);
    expect(ifm_registry_unregister(registry, "queue"), "a collector is unregistered");
    expect(token::alive == alive - 1, "a collector that is unregistered is destroyed");
}

void scopes(const ifm::logger &logger)
{
    auto pipeline = logger.pipeline("page \"1\"");
    expect(static_cast<bool>(pipeline), "a pipeline is made");
    auto stage = pipeline->stage("render");
    expect(static_cast<bool>(stage), "a stage is declared");
    pipeline->model("lstm", "4", "tesseract");
    {
        ifm::inference run = pipeline->begin();
        run.stage(IFM_PRE_PROCESS);
        ifm::span nested = run.span(*stage);
        ifm::span moved = std::move(nested);
        run.batch_size(4);
        ifm::inference owner = std::move(run);
        owner.stage_end();
    }
    {
        ifm::inference run = pipeline->begin();
        run.fail("timeout");
        run.success(); // a second end: without effect
    }
    pipeline->begin().cancel();
    ifm_registry *registry = logger.registry();
    expect(registry, "inference_requests_total{pipeline=\"page \\\"1\\\"\",outcome=\"success\"}", 1);
    expect(registry, "inference_requests_total{pipeline=\"page \\\"1\\\"\",outcome=\"failure\"}", 1);
    expect(registry, "inference_failures_total{pipeline=\"page \\\"1\\\"\",reason=\"timeout\"}", 1);
    expect(registry, "inference_requests_in_flight{pipeline=\"page \\\"1\\\"\"}", 0);
    expect(registry, "inference_stage_duration_seconds_count{pipeline=\"page \\\"1\\\"\",stage=\"render\"}",
           1);
}

#if defined(__cpp_exceptions)
void exceptions(const ifm::logger &logger)
{
    auto pipeline = logger.pipeline("throws");
    expect(static_cast<bool>(pipeline), "a pipeline is made");
    try {
        ifm::inference run = pipeline->begin();
        throw 1;
    } catch (int) {
    }
    try {
        ifm::inference run = pipeline->begin();
        try {
            throw 2;
        } catch (int) { // does not leave the scope of the inference
        }
    } catch (int) {
    }
    ifm_registry *registry = logger.registry();
    expect(registry, "inference_failures_total{pipeline=\"throws\",reason=\"exception\"}", 1);
    expect(registry, "inference_requests_total{pipeline=\"throws\",outcome=\"success\"}", 1);

    auto thrower = [](ifm_collection *) { throw std::bad_alloc(); };
    expect(static_cast<bool>(ifm::register_collector(registry, "thrower", thrower)),
           "a collector that throws");
    auto document = ifm::expose(registry);
    expect(document && document->view().find("inference_requests_total") != std::string_view::npos,
           "a collector that throws leaves the rest of the scrape unharmed");
    expect(registry, "inferometer_collector_failures_total{collector=\"thrower\"}", 2);
}
#else
void exceptions(const ifm::logger &)
{
}
#endif

void endpoints(ifm_registry *registry)
{
    ifm_endpoint_options options = {};
    options.port = IFM_ENDPOINT_PORT_ANY;
    auto endpoint = ifm::endpoint::start(registry, options);
    expect(endpoint && endpoint->port() > 0, "an endpoint tells its port");
    ifm_endpoint_options same = {};
    same.port = endpoint->port();
    auto second = ifm::endpoint::start(registry, same);
    expect(!second && second.error().code() == IFM_BUSY, "a port is served once");
}

} // namespace

int main()
{
    auto registry = ifm::registry::make();
    if (!registry) {
        std::fprintf(stderr, "%s\n", registry.error().message());
        return 1;
    }
    metrics(*registry);
    refusals(*registry);
    collectors(*registry);
    endpoints(*registry);

    ifm_logger_options options = {};
    options.port = IFM_LOGGER_PORT_NONE;
    options.registry = *registry;
    options.monitoring = IFM_MONITORING_EMBEDDED;
    auto logger = ifm::logger::open(options);
    if (!logger) {
        std::fprintf(stderr, "%s\n", logger.error().message());
        return 1;
    }
    class ifm::error why;
    expect(logger->monitoring(why) == IFM_MONITORING_STATE_FAILED && why.code() == IFM_INVALID,
           "a monitor of a logger without an endpoint fails with a reason");
    expect(logger->monitoring() == IFM_MONITORING_STATE_FAILED && logger->monitoring_url() == nullptr,
           "and has no URL");
    scopes(*logger);
    exceptions(*logger);
    std::printf("%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
