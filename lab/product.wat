;; The product of a matrix and a vector of float32, with SIMD: out = matrix * vector + bias.
;; `node lab/assemble.js` writes it into product.ts.
(module
  (import "lab" "memory" (memory 1))

  ;; All are addresses in the memory, but for the number of rows and the bytes of a row, which must
  ;; be a multiple of 64 above zero. Rows follow each other.
  (func (export "product")
    (param $matrix i32) (param $vector i32) (param $bias i32) (param $out i32)
    (param $rows i32) (param $bytes i32)
    (local $at i32) (local $end i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $vector) (local.get $bytes)))
    (loop $row
      (local.set $at (local.get $vector))
      (local.set $a (v128.const f32x4 0 0 0 0))
      (local.set $b (v128.const f32x4 0 0 0 0))
      (local.set $c (v128.const f32x4 0 0 0 0))
      (local.set $d (v128.const f32x4 0 0 0 0))
      ;; Four sums of four each, so that none waits for the one before.
      (loop $column
        (local.set $a (f32x4.add (local.get $a)
          (f32x4.mul (v128.load (local.get $matrix)) (v128.load (local.get $at)))))
        (local.set $b (f32x4.add (local.get $b)
          (f32x4.mul (v128.load offset=16 (local.get $matrix)) (v128.load offset=16 (local.get $at)))))
        (local.set $c (f32x4.add (local.get $c)
          (f32x4.mul (v128.load offset=32 (local.get $matrix)) (v128.load offset=32 (local.get $at)))))
        (local.set $d (f32x4.add (local.get $d)
          (f32x4.mul (v128.load offset=48 (local.get $matrix)) (v128.load offset=48 (local.get $at)))))
        (local.set $matrix (i32.add (local.get $matrix) (i32.const 64)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br_if $column (i32.lt_u (local.get $at) (local.get $end))))
      (local.set $a (f32x4.add
        (f32x4.add (local.get $a) (local.get $b)) (f32x4.add (local.get $c) (local.get $d))))
      (f32.store (local.get $out) (f32.add (f32.load (local.get $bias)) (f32.add
        (f32.add (f32x4.extract_lane 0 (local.get $a)) (f32x4.extract_lane 1 (local.get $a)))
        (f32.add (f32x4.extract_lane 2 (local.get $a)) (f32x4.extract_lane 3 (local.get $a))))))
      (local.set $out (i32.add (local.get $out) (i32.const 4)))
      (local.set $bias (i32.add (local.get $bias) (i32.const 4)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $row (local.get $rows)))))
