#include "delegate/tflite/placement.h"

#include <algorithm>
#include <map>

namespace wqlite {

std::vector<Place> PlaceTensors(const std::vector<Use>& steps,
                                const std::set<int>& outputs) {
  std::map<int, int> readers;
  std::map<int, int> home;  // Of each tensor that is made here.
  for (const Use& step : steps) {
    ++readers[step.input];
    home[step.output] = step.output;
  }
  for (const int output : outputs) ++readers[output];

  // From the end, so that a chain of pointwise steps takes the last home.
  std::vector<Place> places(steps.size());
  for (size_t i = steps.size(); i-- > 0;) {
    const Use& step = steps[i];
    const auto input = home.find(step.input);
    const int target = home[step.output];
    const bool made_here = input != home.end();
    if (step.pointwise && made_here && readers[step.input] == 1) {
      input->second = target;
    }
    places[i] = {made_here ? input->second : step.input, target};
  }
  return places;
}

}  // namespace wqlite
