;; One axis of Pillow's antialiased resize of 8-bit RGB images, sixteen bytes or one pixel at a time. Fixed point with 22 bits, bit for
;; bit as Pillow. May read and write the 16 bytes after the last row. `npm run build:wasm` assembles it to resample.wasm.
;; Taps: for each output its first source index, how many source values it sums, and their weights, in rows of `most`.
(module
  (memory (export "memory") 1)

  ;; Resize each of `rows` rows to `outputs` pixels.
  (func (export "across")
    (param $rows i32) (param $source i32) (param $sourceStride i32) (param $target i32) (param $targetStride i32)
    (param $outputs i32) (param $first i32) (param $counts i32) (param $weights i32) (param $most i32)
    (local $row i32) (local $output i32) (local $read i32) (local $write i32) (local $weight i32) (local $end i32) (local $sum v128)
    (loop $eachRow
      (local.set $output (i32.const 0))
      (local.set $write (local.get $target))
      (loop $eachOutput
        (local.set $read (i32.add (local.get $source)
          (i32.mul (i32.load (i32.add (local.get $first) (i32.shl (local.get $output) (i32.const 2)))) (i32.const 3))))
        (local.set $weight (i32.add (local.get $weights)
          (i32.shl (i32.mul (local.get $output) (local.get $most)) (i32.const 2))))
        (local.set $end (i32.add (local.get $weight)
          (i32.shl (i32.load (i32.add (local.get $counts) (i32.shl (local.get $output) (i32.const 2)))) (i32.const 2))))
        ;; a half, to round
        (local.set $sum (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (loop $eachTap
          ;; red, green, blue, and a byte that is not used
          (local.set $sum (i32x4.add (local.get $sum) (i32x4.mul
            (v128.load32_splat (local.get $weight))
            (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $read)))))))
          (local.set $read (i32.add (local.get $read) (i32.const 3)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (br_if $eachTap (i32.lt_u (local.get $weight) (local.get $end))))
        (local.set $sum (i32x4.shr_s (local.get $sum) (i32.const 22)))
        (local.set $sum (i16x8.narrow_i32x4_s (local.get $sum) (local.get $sum)))
        (v128.store32_lane 0 (local.get $write) (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
        (local.set $write (i32.add (local.get $write) (i32.const 3)))
        (local.set $output (i32.add (local.get $output) (i32.const 1)))
        (br_if $eachOutput (i32.lt_u (local.get $output) (local.get $outputs))))
      (local.set $source (i32.add (local.get $source) (local.get $sourceStride)))
      (local.set $target (i32.add (local.get $target) (local.get $targetStride)))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $eachRow (i32.lt_u (local.get $row) (local.get $rows)))))

  ;; Resize columns: one row of `bytes` bytes per output.
  (func (export "down")
    (param $bytes i32) (param $source i32) (param $sourceStride i32) (param $target i32) (param $targetStride i32)
    (param $outputs i32) (param $first i32) (param $counts i32) (param $weights i32) (param $most i32)
    (local $output i32) (local $top i32) (local $at i32) (local $read i32) (local $weight i32) (local $from i32) (local $end i32)
    (local $w v128) (local $pixels v128) (local $low v128) (local $high v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $eachOutput
      (local.set $top (i32.add (local.get $source) (i32.mul (local.get $sourceStride)
        (i32.load (i32.add (local.get $first) (i32.shl (local.get $output) (i32.const 2)))))))
      (local.set $from (i32.add (local.get $weights)
        (i32.shl (i32.mul (local.get $output) (local.get $most)) (i32.const 2))))
      (local.set $end (i32.add (local.get $from)
        (i32.shl (i32.load (i32.add (local.get $counts) (i32.shl (local.get $output) (i32.const 2)))) (i32.const 2))))
      (local.set $at (i32.const 0))
      (loop $eachBytes
        (local.set $a (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $b (local.get $a))
        (local.set $c (local.get $a))
        (local.set $d (local.get $a))
        (local.set $read (i32.add (local.get $top) (local.get $at)))
        (local.set $weight (local.get $from))
        (loop $eachTap
          (local.set $w (v128.load32_splat (local.get $weight)))
          (local.set $pixels (v128.load (local.get $read)))
          (local.set $low (i16x8.extend_low_i8x16_u (local.get $pixels)))
          (local.set $high (i16x8.extend_high_i8x16_u (local.get $pixels)))
          (local.set $a (i32x4.add (local.get $a) (i32x4.mul (local.get $w) (i32x4.extend_low_i16x8_u (local.get $low)))))
          (local.set $b (i32x4.add (local.get $b) (i32x4.mul (local.get $w) (i32x4.extend_high_i16x8_u (local.get $low)))))
          (local.set $c (i32x4.add (local.get $c) (i32x4.mul (local.get $w) (i32x4.extend_low_i16x8_u (local.get $high)))))
          (local.set $d (i32x4.add (local.get $d) (i32x4.mul (local.get $w) (i32x4.extend_high_i16x8_u (local.get $high)))))
          (local.set $read (i32.add (local.get $read) (local.get $sourceStride)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (br_if $eachTap (i32.lt_u (local.get $weight) (local.get $end))))
        (v128.store (i32.add (local.get $target) (local.get $at)) (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s (i32x4.shr_s (local.get $a) (i32.const 22)) (i32x4.shr_s (local.get $b) (i32.const 22)))
          (i16x8.narrow_i32x4_s (i32x4.shr_s (local.get $c) (i32.const 22)) (i32x4.shr_s (local.get $d) (i32.const 22)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $eachBytes (i32.lt_u (local.get $at) (local.get $bytes))))
      (local.set $target (i32.add (local.get $target) (local.get $targetStride)))
      (local.set $output (i32.add (local.get $output) (i32.const 1)))
      (br_if $eachOutput (i32.lt_u (local.get $output) (local.get $outputs))))))
