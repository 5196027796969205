// Included before each source of the add-on (addon.mjs). TensorFlow lets go of a tensor's memory on whichever of its
// threads used it last, and the add-on then deletes the reference that kept the typed array: from another thread, or
// after the environment's end, this breaks Node's lists of references. Here such a reference waits for its own thread.
#pragma once
#include <map>
#include <mutex>
#include <node_api.h>
#include <thread>
#include <vector>

namespace ablate {

struct Home {
  std::thread::id thread;
  std::vector<napi_ref> waiting;
};

struct Homes {
  std::mutex mutex;
  std::map<napi_env, Home> open;
};

// Never freed: TensorFlow's threads outlive static objects.
inline Homes& homes() {
  static Homes* const all = new Homes();
  return *all;
}

// The environment deletes what references it still has by itself.
inline void on_environment_end(void* env) {
  std::lock_guard<std::mutex> lock(homes().mutex);
  homes().open.erase(static_cast<napi_env>(env));
}

inline napi_status create_reference(napi_env env, napi_value value, uint32_t count, napi_ref* result) {
  std::vector<napi_ref> left;
  {
    std::lock_guard<std::mutex> lock(homes().mutex);
    const bool is_new = homes().open.find(env) == homes().open.end();
    Home& home = homes().open[env];
    if (is_new) {
      home.thread = std::this_thread::get_id();
      napi_add_env_cleanup_hook(env, on_environment_end, env);
    }
    left.swap(home.waiting);
  }
  for (napi_ref reference : left) napi_delete_reference(env, reference);
  return napi_create_reference(env, value, count, result);
}

inline napi_status delete_reference(napi_env env, napi_ref reference) {
  {
    std::lock_guard<std::mutex> lock(homes().mutex);
    const auto home = homes().open.find(env);
    if (home == homes().open.end()) return napi_ok;
    if (home->second.thread != std::this_thread::get_id()) {
      home->second.waiting.push_back(reference);
      return napi_ok;
    }
  }
  return napi_delete_reference(env, reference);
}

}  // namespace ablate

#define napi_create_reference ablate::create_reference
#define napi_delete_reference ablate::delete_reference
