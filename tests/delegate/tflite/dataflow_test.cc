#include "delegate/tflite/dataflow.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "delegate/tflite/int_array.h"

namespace wqlite {
namespace {

using Edges = std::pair<std::vector<int>, std::vector<int>>;  // Reads, writes.

// Of a graph of 8 tensors; nodes get the numbers 10, 11, ...
std::string Disorder(const std::vector<Edges>& graph) {
  std::vector<TfLiteTensor> tensors(8);
  TfLiteContext context = {};
  context.tensors = tensors.data();
  context.tensors_size = tensors.size();
  std::vector<IntArray> arrays;
  const auto copy = [&arrays](const std::vector<int>& values) {
    arrays.push_back(NewIntArray(values.data(), values.size()));
    return arrays.back().get();
  };
  std::vector<TfLiteNode> nodes(graph.size());
  std::vector<PlannedNode> planned;
  for (size_t i = 0; i < graph.size(); ++i) {
    nodes[i].inputs = copy(graph[i].first);
    nodes[i].outputs = copy(graph[i].second);
    planned.push_back({static_cast<int>(10 + i), &nodes[i], nullptr});
  }
  return CheckDataflow(context, planned).message();
}

TEST(DataflowTest, GraphsInOrder) {
  EXPECT_EQ(Disorder({}), "");
  EXPECT_EQ(Disorder({{{0, 1}, {2}}, {{2, 0}, {3, 4}}, {{3, 4, 2}, {5}}}), "");
  EXPECT_EQ(Disorder({{{0, kTfLiteOptionalTensor}, {1}}, {{1}, {}}}), "");
  EXPECT_EQ(Disorder({{{}, {1, kTfLiteOptionalTensor}}, {{1}, {2}}}), "");
}

TEST(DataflowTest, ReadBeforeItIsWritten) {
  EXPECT_EQ(Disorder({{{0}, {1}}, {{3}, {2}}, {{2}, {3}}}),
            "node 11 reads, before it is written, tensor 3: the graph is out "
            "of order");
}

TEST(DataflowTest, ANodeThatReadsWhatItWrites) {
  EXPECT_EQ(Disorder({{{0}, {1}}, {{4}, {4}}}),
            "node 11 reads, before it is written, tensor 4: the graph is out "
            "of order");
}

TEST(DataflowTest, WrittenTwice) {
  const char* const kOnceMore =
      "node 11 writes, once more, tensor 1: the graph is out of order";
  EXPECT_EQ(Disorder({{{0}, {1}}, {{0}, {1}}}), kOnceMore);
  EXPECT_EQ(Disorder({{{0}, {2}}, {{0}, {1, 1}}}), kOnceMore);
}

TEST(DataflowTest, IndicesOfNoTensor) {
  EXPECT_EQ(Disorder({{{99}, {1}}, {{-7}, {99}}, {{0}, {99}}}), "");
}

TEST(DataflowTest, NodesWithoutArrays) {
  TfLiteContext context = {};
  const TfLiteNode node = {};
  EXPECT_TRUE(CheckDataflow(context, {{0, &node, nullptr}}).ok());
}

}  // namespace
}  // namespace wqlite
