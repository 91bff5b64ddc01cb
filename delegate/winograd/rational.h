#ifndef WQLITE_DELEGATE_WINOGRAD_RATIONAL_H_
#define WQLITE_DELEGATE_WINOGRAD_RATIONAL_H_

#include <cstdint>

namespace wqlite {

constexpr int64_t Gcd(int64_t a, int64_t b) {
  if (a < 0) a = -a;
  if (b < 0) b = -b;
  while (b != 0) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

constexpr int64_t Lcm(int64_t a, int64_t b) { return a / Gcd(a, b) * b; }

/// An exact fraction in lowest terms with a positive denominator. Only used at
/// compile time, where an overflow is a compile error.
struct Rational {
  int64_t num = 0;
  int64_t den = 1;

  constexpr Rational() = default;
  // Implicit, so that integers mix freely with fractions.
  constexpr Rational(int64_t n) : num(n) {}
  constexpr Rational(int64_t n, int64_t d) : num(n), den(d) {
    const int64_t g = Gcd(n, d) * (d < 0 ? -1 : 1);
    num /= g;
    den /= g;
  }
};

constexpr Rational operator+(Rational a, Rational b) {
  return {a.num * b.den + b.num * a.den, a.den * b.den};
}
constexpr Rational operator-(Rational a) { return {-a.num, a.den}; }
constexpr Rational operator-(Rational a, Rational b) { return a + -b; }
constexpr Rational operator*(Rational a, Rational b) {
  return {a.num * b.num, a.den * b.den};
}
constexpr Rational operator/(Rational a, Rational b) {
  return {a.num * b.den, a.den * b.num};
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_RATIONAL_H_
