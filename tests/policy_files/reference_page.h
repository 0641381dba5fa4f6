// A page of reference and the parser's table of keys, held against each other.
#pragma once

#include <string>
#include <vector>

#include "broker/policy_files/schema.h"

namespace jit::policy_files {

// The text of a file of the project.
std::string ReadPage(const std::string& path);

// What `page` should hold about the sections, in their order, and does not; empty when it holds
// all.
std::string MissingIn(const std::string& page, const std::vector<const Section*>& sections);

// How many keys `page` lists, and how many there are.
std::size_t KeysListedIn(const std::string& page);
std::size_t KeysOf(const std::vector<const Section*>& sections);

}  // namespace jit::policy_files
