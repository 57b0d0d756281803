// What Python has and JavaScript has not, or has otherwise: exceptions where floats leave their range, truth of nan and
// of empty lists, integers without an end. A table of ops is printed with those of these functions that it uses.
// A definition starts at the beginning of a line and ends before the next; whole-line comments are not printed.

// --- exceptions, as Python has them --------------------------------------------------------------------------------

// They are no Errors: those would note where they come from each time, and the kernels raise often.
class ArithmeticError {}
class OverflowError extends ArithmeticError {}
class ZeroDivisionError extends ArithmeticError {}
class ValueError {}

// nan where a function raises
function total(f) {
  return (...args) => {
    try {
      return f(...args);
    } catch (error) {
      if (error instanceof ArithmeticError || error instanceof ValueError) return NaN;
      throw error;
    }
  };
}

// y = f(x), or what Python's math raises: beyond the range, and outside the domain.
function math_checked(y, x) {
  if (y - y === 0 || x !== x) return y;
  if (y !== y) throw new ValueError();
  if (x - x === 0) throw new OverflowError();
  return y;
}

// --- elementary functions ------------------------------------------------------------------------------------------

function math_exp(x) { return math_checked(Math.exp(x), x); }
function math_expm1(x) { return math_checked(Math.expm1(x), x); }
function math_sin(x) { return math_checked(Math.sin(x), x); }
function math_cos(x) { return math_checked(Math.cos(x), x); }
function math_tan(x) { return math_checked(Math.tan(x), x); }
function math_asin(x) { return math_checked(Math.asin(x), x); }
function math_acos(x) { return math_checked(Math.acos(x), x); }
function math_sinh(x) { return math_checked(Math.sinh(x), x); }
function math_cosh(x) { return math_checked(Math.cosh(x), x); }
function math_acosh(x) { return math_checked(Math.acosh(x), x); }
function math_sqrt(x) { return math_checked(Math.sqrt(x), x); }
function math_isnan(x) { return x !== x; }
function math_isinf(x) { return x === Infinity || x === -Infinity; }
function math_isfinite(x) { return x - x === 0; }
function math_copysign(x, sign) { return sign < 0 || Object.is(sign, -0) ? -Math.abs(x) : Math.abs(x); }

function math_floor(x) {
  if (x - x !== 0) throw x === x ? new OverflowError() : new ValueError();
  return Math.floor(x);
}

function math_log(x) {
  if (x <= 0) throw new ValueError();
  return Math.log(x);
}

function math_log1p(x) {
  if (x <= -1) throw new ValueError();
  return Math.log1p(x);
}

function math_atanh(x) {
  if (Math.abs(x) >= 1) throw new ValueError();
  return Math.atanh(x);
}

function math_pow(x, y) {
  if (x === 1 || (x === -1 && math_isinf(y))) return 1;
  if (x === 0 && y < 0 && y !== -Infinity) throw new ValueError();
  return math_checked(y === 2 ? x * x : Math.pow(x, y), x / 2 + y / 2);
}

// --- the digits of floats ------------------------------------------------------------------------------------------

// (m, e) with x = m·2^e and ½ <= |m| < 1
function math_frexp(x) {
  if (x === 0 || x - x !== 0) return [x, 0];
  const bits = new DataView(new ArrayBuffer(8)), shift = Math.abs(x) < 2 ** -1022 ? 54 : 0;
  bits.setFloat64(0, x * 2 ** shift);
  const high = bits.getUint32(0);
  bits.setUint32(0, (high & 0x800fffff) | 0x3fe00000);
  return [bits.getFloat64(0), ((high >>> 20) & 0x7ff) - 1022 - shift];
}

// x·2^e, rounded once
function math_ldexp(x, exponent) {
  if (x === 0 || x - x !== 0) return x;
  const [m, shift] = math_frexp(x), e = shift + Math.max(-3000, Math.min(3000, Number(exponent)));
  if (e < -1074) return m * 0;
  return math_checked(e > 1000 ? m * 2 ** 1000 * 2 ** (e - 1000) : m * 2 ** e, m);
}

// (upper half of the digits, the rest)
function halves(x) {
  const upper = x * 134217729, high = upper - (upper - x);
  return [high, x - high];
}

// The sum, rounded once: partial sums that do not overlap (Shewchuk, Adaptive precision floating-point arithmetic,
// 1997), and a tie decided by the partial sum below.
function math_fsum(numbers) {
  const partials = [];
  let special = 0, infinite = false;
  for (let x of numbers) {
    if (x - x !== 0) { special += x; infinite = infinite || x === x; continue; }
    let kept = 0;
    for (let y of partials) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y, low = y - (high - x);
      if (low !== 0) partials[kept++] = low;
      x = high;
    }
    if (x - x !== 0) throw new OverflowError();
    partials.length = kept;
    if (x !== 0) partials.push(x);
  }
  if (special !== special && infinite && numbers.every((x) => x === x)) throw new ValueError();
  if (special !== 0) return special;
  let high = 0, low = 0, n = partials.length;
  if (n) high = partials[--n];
  while (n) {
    const x = high, y = partials[--n];
    high = x + y;
    low = y - (high - x);
    if (low !== 0) break;
  }
  if (n && low !== 0 && low < 0 === partials[n - 1] < 0) {
    const y = low * 2, x = high + y;
    if (y === x - high) high = x;
  }
  return high;
}

// √(x² + …): squares of numbers near 1, as pairs of floats, and one step of Newton's method
function math_hypot(...numbers) {
  if (numbers.some(math_isinf)) return Infinity;
  const largest = Math.max(...numbers.map(Math.abs), 0);
  if (largest === 0 || largest !== largest) return largest;
  const exponent = math_frexp(largest)[1], parts = [];
  for (const number of numbers) {
    const x = math_ldexp(number, -exponent), [high, low] = halves(x);
    parts.push(high * high, 2 * high * low, low * low);
  }
  const root = Math.sqrt(math_fsum(parts)), [high, low] = halves(root);
  parts.push(-high * high, -2 * high * low, -low * low);
  const half = exponent >> 1;
  return (root + math_fsum(parts) / (2 * root)) * 2 ** half * 2 ** (exponent - half);
}

// --- the error function --------------------------------------------------------------------------------------------

// erf(x)/x − 1 as a polynomial in x², for |x| <= 1
const ERF = [
  0.1283791670955126, -0.37612638903183754, 0.1128379167095512, -0.026866170645129854, 0.005223977625423455,
  -0.0008548327021945428, 0.00012055332903350668, -1.4925647581008593e-05, 1.6462045711013026e-06,
  -1.6364645854816389e-07, 1.479243542696247e-08, -1.2164764337224506e-09, 8.709755232851789e-11,
  -4.2320376764874594e-12,
];

// (1 + 2x)·e^(x²)·erfc(x) in Chebyshev polynomials of (x − 3.75)/(x + 3.75), x >= 0 (Shepherd and Laframboise,
// Chebyshev approximation of (1 + 2x)·exp(x²)·erfc x in 0 ≤ x < ∞, Math. Comp. 36, 1981)
const ERFC = [
  1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189, -0.026658668435305753,
  0.009074997670705265, -0.002413163540417608, 0.0004907758365258086, -6.916973302501207e-05, 4.13902798607301e-06,
  7.74038306619849e-07, -2.1886401049234397e-07, 1.076499946567091e-08, 4.521959811218287e-09,
  -7.754400208831351e-10, -6.318088340886684e-11, 2.86879501093067e-11, 1.9455868545777347e-13,
  -9.65469674843344e-13, 3.25254814814874e-14, 3.3478119482868056e-14, -1.864562880419313e-15,
  -1.2507950530688648e-15, 7.418235256624044e-17, 5.068148904796111e-17, -2.2370566594359995e-18,
  -2.187342944303018e-18,
];

// erfc(x) for x >= 0.5
function erfc_tail(x) {
  if (x > 28) return 0;
  const t = 2 * ((x - 3.75) / (x + 3.75)), high = Math.fround(x);
  let b = 0, c = 0;
  for (let k = ERFC.length - 1; k > 0; k--) [b, c] = [ERFC[k] + (t * b - c), b];
  const power = Math.exp(-high * high), rest = Math.exp((high - x) * (high + x));
  return power * (rest * (ERFC[0] + (t * b / 2 - c)) / (1 + 2 * x));
}

function math_erf(x) {
  if (x !== x) return x;
  if (Math.abs(x) > 1) return math_copysign(1 - erfc_tail(Math.abs(x)), x);
  return x + x * ERF.reduceRight((value, coefficient) => value * (x * x) + coefficient, 0);
}

function math_erfc(x) {
  if (x !== x) return x;
  return x < 0.5 ? 1 - math_erf(x) : erfc_tail(x);
}

// --- whole numbers -------------------------------------------------------------------------------------------------

function math_perm(n, k) {
  let product = 1n;
  for (let i = 0; i < k; i++) product *= BigInt(n - i);
  return Number(product);
}

function math_factorial(n) { return math_perm(n, n); }
function math_comb(n, k) { return math_perm(n, k) / math_factorial(k); }
function math_prod(numbers) { return numbers.reduce((product, x) => product * x, 1); }

// --- operators and built-in functions ------------------------------------------------------------------------------

function operator_add(u, v) { return u + v; }
function operator_sub(u, v) { return u - v; }
function operator_mul(u, v) { return u * v; }
function operator_truediv(u, v) { return u / v; }
function operator_neg(x) { return -x; }

// everything but 0 and what is empty, so also nan
function truth(x) { return Array.isArray(x) ? x.length > 0 : x !== x || Boolean(x); }

function div(u, v) {
  if (v === 0) throw new ZeroDivisionError();
  return u / v;
}

function floordiv(u, v) {
  if (typeof u !== "bigint") return Math.floor(div(u, v));
  if (v === 0n) throw new ZeroDivisionError();
  const quotient = u / v;
  return quotient * v !== u && u < 0n !== v < 0n ? quotient - 1n : quotient;
}

function mod(u, v) {
  if (v === 0) throw new ZeroDivisionError();
  const rest = u % v;
  return rest !== 0 && rest < 0 !== v < 0 ? rest + v : rest === 0 ? math_copysign(0, v) : rest;
}

function pow(u, v) {
  if (u === 0 && v < 0) throw new ZeroDivisionError();
  return u < 0 && !Number.isInteger(v) && v - v === 0 ? NaN : math_pow(u, v);
}

function abs(x) { return typeof x !== "bigint" ? Math.abs(x) : x < 0n ? -x : x; }
function float(x) { return Number(x); }
function bool(x) { return truth(x); }
function len(list) { return list.length; }
function sum(list, start) { return list.reduce((total, x) => total + x, start); }
function any(list) { return list.some((x) => truth(x)); }
function all(list) { return list.every((x) => truth(x)); }
function zip(...lists) {
  const length = Math.min(...lists.map(len));
  return Array.from({ length }, (_, i) => lists.map((list) => list[i]));
}

function map(f, ...lists) { return zip(...lists).map((args) => f(...args)); }
function enumerate(list, start = 0) { return list.map((x, i) => [start + i, x]); }
function reversed(list) { return [...list].reverse(); }

function range(...bounds) {
  const [low, high, step = 1] = bounds.length > 1 ? bounds.map(Number) : [0, Number(bounds[0])];
  return Array.from({ length: Math.max(0, Math.ceil((high - low) / step)) }, (_, i) => low + i * step);
}

function max(list, key = (x) => x) { return list.reduce((best, x) => (key(x) > key(best) ? x : best)); }
function min(list, key = (x) => x) { return list.reduce((best, x) => (key(x) < key(best) ? x : best)); }

function or_else(list, x) { return list.length ? list : [x]; }

function sorted(list, key = (x) => x) {
  return [...list].sort((x, y) => (key(x) < key(y) ? -1 : key(y) < key(x) ? 1 : 0));
}

// --- lists and dictionaries ----------------------------------------------------------------------------------------

// one object, or equal; of lists, entry by entry
function same(x, y) {
  if (Array.isArray(x)) return x.length === y.length && x.every((entry, i) => same(entry, y[i]));
  return x === y || Object.is(x, y);
}

function at(list, i) { return list instanceof Map ? list.get(i) : list[i < 0 ? list.length + i : i]; }
function put(list, i, x) { return list instanceof Map ? list.set(i, x) : (list[i < 0 ? list.length + i : i] = x); }
function contains(list, x) { return list instanceof Map ? list.has(x) : list.some((entry) => same(entry, x)); }
function repeat(list, n) { return Array.from({ length: n * list.length }, (_, i) => list[i % list.length]); }
function every_nth(list, start, step) { return list.filter((_, i) => i >= start && (i - start) % step === 0); }
function count(list, x) { return list.filter((entry) => same(entry, x)).length; }

function remove(list, x) {
  const i = list.findIndex((entry) => same(entry, x));
  if (i < 0) throw new ValueError();
  list.splice(i, 1);
}

function setdefault(dict, key, value) { return dict.has(key) ? dict.get(key) : (dict.set(key, value), value); }

// a function of whole numbers that remembers what it answered
function cached(f) {
  const known = new Map();
  return (...args) => {
    const key = JSON.stringify(args);
    if (!known.has(key)) known.set(key, f(...args));
    return known.get(key);
  };
}

// --- where whole numbers have no end: they are BigInt, and become floats where they meet one -----------------------

function mixed(u, v) { return typeof u === typeof v ? [u, v] : [Number(u), Number(v)]; }
function wide_add(u, v) { [u, v] = mixed(u, v); return u + v; }
function wide_sub(u, v) { [u, v] = mixed(u, v); return u - v; }
function wide_mul(u, v) { [u, v] = mixed(u, v); return u * v; }

function wide_frexp(x) {
  const [m, exponent] = math_frexp(x);
  return [m, BigInt(exponent)];
}

function wide_int(x) { return BigInt(Math.trunc(x)); }
function bit_length(x) { return x === 0n ? 0n : BigInt(abs(x).toString(2).length); }

function as_integer_ratio(x) {
  const [m, exponent] = math_frexp(x), whole = BigInt(m * 2 ** 53), e = exponent - 53;
  return e >= 0 ? [whole << BigInt(e), 1n] : [whole, 1n << BigInt(-e)];
}
