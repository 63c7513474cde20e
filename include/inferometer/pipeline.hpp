/* SPDX-License-Identifier: Apache-2.0
 *
 * C++17: logger, pipeline, inference, span, endpoint.
 *
 *     ifm::inference run = pipeline.begin();
 *     run.stage(IFM_PRE_PROCESS);
 *     run.stage(IFM_ENGINE_FORWARD);
 *     run.stage(IFM_POST_PROCESS);
 *     if (timed_out) {
 *         run.fail("timeout");
 *     }
 *
 * An inference that was not ended by success(), fail() or cancel() ends with its scope: as a failure with
 * the reason "exception" when an exception leaves the scope, else as a success.
 * Thread-safety: as in pipeline.h and logger.h; an inference is used by one thread at a time.
 */
#ifndef IFM_PIPELINE_HPP
#define IFM_PIPELINE_HPP

#include <cstdint>
#include <exception>
#include <inferometer/endpoint.h>
#include <inferometer/logger.h>
#include <inferometer/metrics.hpp>
#include <inferometer/pipeline.h>

namespace ifm
{

/* A stage that nests, overlaps, or runs on another thread; it ends with its scope, once. */
class span
{
  public:
    explicit span(const ifm_span &raw) noexcept : raw_(raw)
    {
    }
    span(span &&other) noexcept : raw_(std::exchange(other.raw_, ifm_span{}))
    {
    }
    span &operator=(span &&other) noexcept
    {
        if (this != &other) {
            end();
            raw_ = std::exchange(other.raw_, ifm_span{});
        }
        return *this;
    }
    ~span()
    {
        end();
    }
    void end() noexcept
    {
        ifm_span ended = std::exchange(raw_, ifm_span{});
        ifm_span_end(&ended);
    }

  private:
    ifm_span raw_;
};

/* One inference: moved, not copied. A second end does nothing. */
class inference
{
  public:
    explicit inference(const ifm_inference &raw) noexcept : raw_(raw)
    {
    }
    inference(inference &&other) noexcept
        : raw_(std::exchange(other.raw_, ifm_inference{})), exceptions_(other.exceptions_)
    {
    }
    inference &operator=(inference &&other) noexcept
    {
        if (this != &other) {
            end_with_scope();
            raw_ = std::exchange(other.raw_, ifm_inference{});
            exceptions_ = other.exceptions_;
        }
        return *this;
    }
    ~inference()
    {
        end_with_scope();
    }

    void stage(ifm_stage stage) noexcept
    {
        ifm_inference_stage(&raw_, stage);
    }
    void stage_end() noexcept
    {
        ifm_inference_stage_end(&raw_);
    }
    class span span(ifm_stage stage) const noexcept
    {
        return ifm::span(ifm_span_begin(&raw_, stage));
    }

    void success() noexcept
    {
        ifm_inference_end(&raw_, IFM_SUCCESS);
    }
    void cancel() noexcept
    {
        ifm_inference_end(&raw_, IFM_CANCELLED);
    }
    /* `reason` is a short constant; see ifm_inference_fail(). */
    void fail(const char *reason) noexcept
    {
        ifm_inference_fail(&raw_, reason);
    }

    void batch_size(std::uint64_t items) noexcept
    {
        ifm_inference_batch_size(&raw_, items);
    }
    void queue_time(double seconds) noexcept
    {
        ifm_inference_queue_time(&raw_, seconds);
    }
    void tokens(ifm_token_direction direction, std::uint64_t count) noexcept
    {
        ifm_inference_tokens(&raw_, direction, count);
    }
    void first_token() noexcept
    {
        ifm_inference_first_token(&raw_);
    }
    ifm_inference *get() noexcept
    {
        return &raw_;
    }

  private:
    /* More exceptions in flight than at the beginning: one of them leaves the scope. */
    void end_with_scope() noexcept
    {
        if (std::uncaught_exceptions() > exceptions_) {
            fail("exception");
        } else {
            success();
        }
    }

    ifm_inference raw_;
    int exceptions_ = std::uncaught_exceptions();
};

/* A pipeline of a logger, which owns it: a reference, copied freely. Default-constructed it does nothing. */
class pipeline
{
  public:
    pipeline() noexcept = default;
    explicit pipeline(ifm_pipeline *raw) noexcept : raw_(raw)
    {
    }

    inference begin() const noexcept
    {
        return inference(ifm_inference_begin(raw_));
    }

    /* Declares a stage of your own. Call it once and keep the result. */
    result<ifm_stage> stage(const char *name) const noexcept
    {
        class error why;
        ifm_stage declared = ifm_pipeline_stage(raw_, name, why.out());
        if (declared == IFM_STAGE_NONE) {
            return why;
        }
        return declared;
    }
    void model(const char *name, const char *version, const char *engine) const noexcept
    {
        ifm_pipeline_model(raw_, name, version, engine);
    }
    ifm_pipeline *get() const noexcept
    {
        return raw_;
    }

  private:
    ifm_pipeline *raw_ = nullptr;
};

/* What a program opens; it closes with its scope, which must be left after every inference ended. */
class logger
{
  public:
    static result<logger> open(const ifm_logger_options &options = {}) noexcept
    {
        class error why;
        ifm_logger *opened = ifm_logger_open(&options, why.out());
        if (opened == nullptr) {
            return why;
        }
        return logger(opened);
    }

    result<class pipeline> pipeline(const char *name) const noexcept
    {
        class error why;
        ifm_pipeline *found = ifm_logger_pipeline(raw_.get(), name, why.out());
        if (found == nullptr) {
            return why;
        }
        return ifm::pipeline(found);
    }
    ifm_registry *registry() const noexcept
    {
        return ifm_logger_registry(raw_.get());
    }
    int port() const noexcept
    {
        return ifm_logger_port(raw_.get());
    }
    const char *url() const noexcept
    {
        return ifm_logger_url(raw_.get());
    }
    /* `why` is filled in when it failed. */
    ifm_monitoring_state monitoring(class error &why) const noexcept
    {
        return ifm_logger_monitoring(raw_.get(), why.out());
    }
    ifm_monitoring_state monitoring() const noexcept
    {
        class error ignored;
        return monitoring(ignored);
    }
    const char *monitoring_url() const noexcept
    {
        return ifm_logger_monitoring_url(raw_.get());
    }
    ifm_logger *get() const noexcept
    {
        return raw_.get();
    }

  private:
    explicit logger(ifm_logger *opened) noexcept : raw_(opened)
    {
    }
    detail::owner<ifm_logger, ifm_logger_close> raw_;
};

/* Serves a registry until its scope is left; a logger has one of its own. */
class endpoint
{
  public:
    static result<endpoint> start(ifm_registry *registry, const ifm_endpoint_options &options = {}) noexcept
    {
        class error why;
        ifm_endpoint *started = ifm_endpoint_start(registry, &options, why.out());
        if (started == nullptr) {
            return why;
        }
        return endpoint(started);
    }
    int port() const noexcept
    {
        return ifm_endpoint_port(raw_.get());
    }
    const char *url() const noexcept
    {
        return ifm_endpoint_url(raw_.get());
    }

  private:
    explicit endpoint(ifm_endpoint *started) noexcept : raw_(started)
    {
    }
    detail::owner<ifm_endpoint, ifm_endpoint_stop> raw_;
};

} // namespace ifm

#endif
