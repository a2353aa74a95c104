//! Agreement between raters.

use iago_statistics::fleiss_kappa;

#[test]
fn raters_who_always_agree_have_a_kappa_of_one() {
    assert_eq!(fleiss_kappa(&[vec![3, 0], vec![0, 3], vec![3, 0]]), Some(1.0));
}

#[test]
fn raters_who_agree_as_often_as_chance_have_a_kappa_of_zero() {
    let items = [vec![2, 0], vec![0, 2], vec![1, 1], vec![1, 1]];
    assert_eq!(fleiss_kappa(&items), Some(0.0));
}

#[test]
fn an_item_with_one_rater_says_nothing_about_agreement() {
    let items = [vec![2, 0], vec![0, 3], vec![2, 1]];
    let with_singles = [items.to_vec(), vec![vec![1, 0], vec![0, 1], vec![0, 0]]].concat();
    assert_eq!(fleiss_kappa(&with_singles), fleiss_kappa(&items));
    assert_eq!(fleiss_kappa(&[vec![1, 0], vec![0, 1]]), None);
    assert_eq!(fleiss_kappa(&[]), None);
}

#[test]
fn nothing_could_disagree_where_all_chose_the_same() {
    assert_eq!(fleiss_kappa(&[vec![3, 0], vec![2, 0]]), None);
}

#[test]
fn a_category_that_nobody_chose_may_be_left_out() {
    let full = [vec![2, 0, 0], vec![1, 2, 0], vec![0, 2, 0]];
    let short = [vec![2], vec![1, 2], vec![0, 2]];
    assert_eq!(fleiss_kappa(&full), fleiss_kappa(&short));
}
